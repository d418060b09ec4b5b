"""The message store in the memory of this process."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from ...application.ports.id_generator import partition_in
from ...application.ports.message_store import ChangeResult, MessagePage
from ...domain.messages.query import due_position
from ...domain.messages.status import Status
from ...domain.retention import DEFAULT_RETENTION
from ...domain.time.instant import MILLISECOND, to_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from ...application.ports.clock import Clock
    from ...application.ports.id_generator import IdGenerator
    from ...domain.ids import MessageId
    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from ...domain.messages.query import Position, Query
    from ...domain.retention import Retention
    from .partitions import MemoryPartition, MemoryPartitions


class MemoryMessageStore:
    """Reads and changes the messages in the given partitions, by the given clock."""

    def __init__(
        self,
        partitions: MemoryPartitions,
        ids: IdGenerator,
        clock: Clock,
        retention: Retention = DEFAULT_RETENTION,
    ) -> None:
        self._partitions = partitions
        self._ids = ids
        self._clock = clock
        self._retention = retention

    async def get(self, message_id: MessageId) -> Message | None:
        """Returns a message."""
        return self._partition_of(message_id).messages.get(message_id)

    async def find(self, partition: Partition, query: Query, after: Position | None, limit: int) -> MessagePage:
        """Sorts all messages that match, and returns a part of them."""
        found = sorted(filter(query.matches, self._partitions[partition].messages.values()), key=due_position)
        begin = 0 if after is None else bisect_right(found, after, key=due_position)
        page = found[begin : begin + limit]
        more = begin + limit < len(found)
        return MessagePage(messages=page, next=due_position(page[-1]) if more else None)

    async def count_due(
        self, partition: Partition, begins: datetime, step: timedelta, steps: int
    ) -> Sequence[int]:
        """Counts by the indexes in due order at which the steps begin and end."""
        due = self._partitions[partition].due
        begins_ms, step_ms = to_ms(begins), step // MILLISECOND
        ends = [bisect_left(due, (begins_ms + number * step_ms,)) for number in range(1, steps + 1)]
        return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]

    async def change(self, message_id: MessageId, change: Callable[[Message], Message]) -> ChangeResult | None:
        """Replaces a message. Nothing can change it in between."""
        partition = self._partition_of(message_id)
        message = partition.messages.get(message_id)
        if message is None:
            return None
        changed = change(message)
        if changed == message:
            return ChangeResult(message=message)
        before = partition.next_due_ms
        if message.status is Status.SCHEDULED:
            partition.stop_waiting(message)
        if changed.status is Status.SCHEDULED:
            partition.wait(changed)
        else:
            partition.end(changed, self._clock.now())
            partition.forget(self._retention, self._clock.now())
        return ChangeResult(message=changed, next_due_moved_up=partition.next_due_ms < before)

    def _partition_of(self, message_id: MessageId) -> MemoryPartition:
        return self._partitions[partition_in(self._ids, message_id)]
