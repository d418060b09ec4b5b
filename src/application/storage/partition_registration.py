"""Adding messages to partitions that others know of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .store_layer import StoreLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from ..ports.message_store import AddResult, KeyedAddResult, KeyedMessage, MessageStore
    from ..ports.partition_registry import PartitionRegistry


class PartitionRegistration(StoreLayer):
    """Sees to it that no message is stored where no deliverer would look for it.

    An instance registers the partitions it spreads messages over when it starts; if the store was away then, the
    first message waits for that.
    """

    def __init__(self, store: MessageStore, registry: PartitionRegistry, own: Sequence[Partition]) -> None:
        super().__init__(store)
        self._registry = registry
        self._own = own
        self._registered = False

    async def register(self) -> None:
        """Registers the partitions, unless that is done.

        Raises:
            StoreUnavailableError: the store did not answer.
            StoreFullError: it has no room.
        """
        if not self._registered:
            await self._registry.register(self._own)
            self._registered = True

    async def add(self, messages: Sequence[Message]) -> AddResult:
        """Stores messages as the store does, once the partitions are registered.

        Raises:
            StoreUnavailableError: likewise, and when that cannot be done; then no message was stored.
            StoreFullError: likewise.
        """
        await self.register()
        return await self._store.add(messages)

    async def add_keyed(self, messages: Sequence[KeyedMessage]) -> KeyedAddResult:
        """Stores messages with keys as the store does, once the partitions are registered.

        Raises:
            StoreUnavailableError: as `add`.
            StoreFullError: likewise.
        """
        await self.register()
        return await self._store.add_keyed(messages)
