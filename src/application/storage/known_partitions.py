"""Which partitions an instance looks after."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...domain.lease import Partition
    from ..ports.partition_registry import PartitionRegistry


class KnownPartitions:
    """The partitions an instance was set up with, and those that others have registered.

    Attributes:
        own: those it was set up with, which it spreads new messages over.
    """

    def __init__(self, registry: PartitionRegistry, own: Sequence[Partition]) -> None:
        self._registry = registry
        self.own = own

    async def __call__(self) -> Sequence[Partition]:
        """Returns them in order.

        Raises:
            StoreUnavailableError: the store did not answer; `own` are known all the same.
        """
        return sorted(await self._registry.known() | set(self.own))
