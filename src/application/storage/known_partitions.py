"""The partitions that an instance serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...domain.lease import Partition
    from ..ports.partition_registry import PartitionRegistry


class KnownPartitions:
    """The partitions that the instance is configured with, and those that other instances have registered.

    Attributes:
        own: The configured partitions. New messages are spread over them.
    """

    def __init__(self, registry: PartitionRegistry, own: Sequence[Partition]) -> None:
        self._registry = registry
        self.own = own

    async def __call__(self) -> Sequence[Partition]:
        """Returns all known partitions, in ascending order.

        Raises:
            StoreUnavailableError: The store did not answer. Only `own` is known then.
        """
        return sorted(await self._registry.known() | set(self.own))
