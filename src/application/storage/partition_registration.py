"""Registration of partitions before messages are stored in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from ..ports.message_writer import AddResult, KeyedAddResult, KeyedMessage, MessageWriter
    from ..ports.partition_registry import PartitionRegistry


class PartitionRegistration:
    """Registers the partitions of an instance before it stores the first message.

    Deliverers serve registered partitions only: a message in another partition would never be delivered. An
    instance registers its partitions when it starts. If the store was unavailable then, the first message
    registers them.
    """

    def __init__(
        self, writer: MessageWriter, registry: PartitionRegistry, own_partitions: Sequence[Partition]
    ) -> None:
        self._writer = writer
        self._registry = registry
        self._own_partitions = own_partitions
        self._is_registered = False

    async def register(self) -> None:
        """Registers the partitions, unless this was done before.

        Raises:
            StoreUnavailableError: The store did not answer.
            StoreFullError: The store has no room.
        """
        if not self._is_registered:
            await self._registry.register(self._own_partitions)
            self._is_registered = True

    async def add(self, messages: Sequence[Message]) -> AddResult:
        """Stores messages after the partitions are registered. If this fails, stores none.

        Raises:
            StoreUnavailableError: The store did not answer.
            StoreFullError: The store has no room.
        """
        await self.register()
        return await self._writer.add(messages)

    async def add_keyed(self, messages: Sequence[KeyedMessage]) -> KeyedAddResult:
        """Stores messages with keys after the partitions are registered. If this fails, stores none.

        Raises:
            StoreUnavailableError: The store did not answer.
            StoreFullError: The store has no room.
        """
        await self.register()
        return await self._writer.add_keyed(messages)
