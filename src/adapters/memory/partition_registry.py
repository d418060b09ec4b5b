"""The registry of partitions in this process's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...domain.lease import Partition


class MemoryPartitionRegistry:
    """Keeps partitions in a set."""

    def __init__(self) -> None:
        self._partitions: set[Partition] = set()

    async def register(self, partitions: Collection[Partition]) -> None:
        """Adds partitions."""
        self._partitions.update(partitions)

    async def known(self) -> frozenset[Partition]:
        """Returns all partitions that were added."""
        return frozenset(self._partitions)
