"""A message store over another."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence
    from datetime import datetime, timedelta

    from ...domain.ids import MessageId
    from ...domain.lease import Lease, Partition
    from ...domain.messages.message import Message
    from ...domain.messages.query import Position, Query
    from ..ports.message_store import (
        AddResult,
        ChangeResult,
        ClaimResult,
        KeyedAddResult,
        KeyedMessage,
        MessagePage,
        MessageStore,
        PartitionState,
    )

T = TypeVar("T")


class StoreLayer:
    """Passes every call on to the store below. What is to be otherwise, a subclass overrides."""

    def __init__(self, store: MessageStore) -> None:
        self._store = store

    async def _pass(self, name: str, call: Callable[[], Awaitable[T]]) -> T:
        """Makes a call of the store below. The name is that of the method."""
        del name
        return await call()

    async def add(self, messages: Sequence[Message]) -> AddResult:
        """Stores messages."""
        return await self._pass("add", lambda: self._store.add(messages))

    async def add_keyed(self, messages: Sequence[KeyedMessage]) -> KeyedAddResult:
        """Stores messages with keys."""
        return await self._pass("add_keyed", lambda: self._store.add_keyed(messages))

    async def get(self, message_id: MessageId) -> Message | None:
        """Looks a message up."""
        return await self._pass("get", lambda: self._store.get(message_id))

    async def find(self, partition: Partition, query: Query, after: Position | None, limit: int) -> MessagePage:
        """Looks for messages."""
        return await self._pass("find", lambda: self._store.find(partition, query, after, limit))

    async def count_due(
        self, partition: Partition, begins: datetime, step: timedelta, steps: int
    ) -> Sequence[int]:
        """Counts messages."""
        return await self._pass("count_due", lambda: self._store.count_due(partition, begins, step, steps))

    async def change(self, message_id: MessageId, change: Callable[[Message], Message]) -> ChangeResult | None:
        """Changes a message."""
        return await self._pass("change", lambda: self._store.change(message_id, change))

    async def claim_due(self, lease: Lease, limit: int) -> ClaimResult:
        """Claims messages."""
        return await self._pass("claim_due", lambda: self._store.claim_due(lease, limit))

    async def settle(self, lease: Lease, messages: Sequence[Message]) -> frozenset[MessageId]:
        """Settles claims."""
        return await self._pass("settle", lambda: self._store.settle(lease, messages))

    async def give_back_unacknowledged(self, lease: Lease, held: Collection[MessageId]) -> int:
        """Gives claims back."""
        return await self._pass(
            "give_back_unacknowledged", lambda: self._store.give_back_unacknowledged(lease, held)
        )

    async def partition_state(self, partition: Partition) -> PartitionState:
        """Looks ahead."""
        return await self._pass("partition_state", lambda: self._store.partition_state(partition))
