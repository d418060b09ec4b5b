"""The port that knows which partitions exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...domain.lease import Partition


class PartitionRegistry(Protocol):
    """Keeps all partitions in which messages were ever stored, for all instances of a namespace.

    Both methods raise `StoreUnavailableError` when the store does not answer.
    """

    async def register(self, partitions: Collection[Partition]) -> None:
        """Adds partitions, as durably as the store keeps messages. A repeat does no harm.

        Partitions are never removed. If an instance is configured with fewer partitions than before, messages in
        the others are therefore still delivered.

        Raises:
            StoreFullError: The store has no room.
        """
        ...

    async def known(self) -> frozenset[Partition]:
        """Returns all partitions that were ever registered."""
        ...
