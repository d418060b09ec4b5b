"""The message store in this process's memory."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from ...application.ports.id_generator import partition_in
from ...application.ports.message_store import (
    AddResult,
    ChangeResult,
    ClaimResult,
    KeyedAddResult,
    KeyHolder,
    KeyResult,
    MessagePage,
    PartitionState,
)
from ...domain.messages.history import Claim
from ...domain.messages.query import due_position
from ...domain.messages.status import Status
from ...domain.messages.store_target import store_target_of
from ...domain.retention import DEFAULT_RETENTION
from ...domain.time.instant import MILLISECOND, from_ms, to_ms, truncate_to_ms
from .store_targets import MemoryStoreTargets

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime, timedelta

    from ...application.ports.clock import Clock
    from ...application.ports.id_generator import IdGenerator
    from ...application.ports.message_store import KeyedMessage
    from ...domain.ids import MessageId
    from ...domain.lease import Lease, Partition
    from ...domain.messages.message import Message
    from ...domain.messages.query import Position, Query
    from ...domain.retention import Retention
    from .partitions import MemoryPartition, MemoryPartitions


class MemoryMessageStore:
    """Keeps messages in dictionaries. Its clock is the one it is given."""

    def __init__(
        self,
        partitions: MemoryPartitions,
        ids: IdGenerator,
        clock: Clock,
        retention: Retention = DEFAULT_RETENTION,
        store_targets: MemoryStoreTargets | None = None,
    ) -> None:
        self._partitions = partitions
        self._ids = ids
        self._clock = clock
        self._retention = retention
        self._places = store_targets or MemoryStoreTargets()

    async def add(self, messages: Sequence[Message]) -> AddResult:
        """Stores scheduled messages whose ids are free."""
        refused, next_due_moved_up = set(), set()
        for number, message in [(partition_in(self._ids, message.id), message) for message in messages]:
            partition = self._partitions[number]
            if message.id in partition.messages:
                refused.add(message.id)
                continue
            if to_ms(message.due_at) < partition.next_due_ms:
                next_due_moved_up.add(number)
            partition.wait(message)
        return AddResult(refused=frozenset(refused), next_due_moved_up=frozenset(next_due_moved_up))

    async def add_keyed(self, messages: Sequence[KeyedMessage]) -> KeyedAddResult:
        """Stores scheduled messages whose keys are free."""
        answers: list[KeyResult | KeyHolder] = []
        next_due_moved_up = set()
        for keyed in messages:
            number, now = partition_in(self._ids, keyed.message.id), self._clock.now()
            partition = self._partitions[number]
            before = partition.next_due_ms
            answers.append(partition.holder_of(keyed.key.key, now) or _add_one(partition, keyed, now))
            if partition.next_due_ms < before:
                next_due_moved_up.add(number)
        return KeyedAddResult(answers=answers, next_due_moved_up=frozenset(next_due_moved_up))

    async def get(self, message_id: MessageId) -> Message | None:
        """Returns the message as it is now."""
        return self._of(message_id).messages.get(message_id)

    async def find(self, partition: Partition, query: Query, after: Position | None, limit: int) -> MessagePage:
        """Sorts all that is asked for, and returns the first of it."""
        found = sorted(filter(query.matches, self._partitions[partition].messages.values()), key=due_position)
        begin = 0 if after is None else bisect_right(found, after, key=due_position)
        page = found[begin : begin + limit]
        more = begin + limit < len(found)
        return MessagePage(messages=page, next=due_position(page[-1]) if more else None)

    async def count_due(
        self, partition: Partition, begins: datetime, step: timedelta, steps: int
    ) -> Sequence[int]:
        """Counts by where each step begins and ends in due order."""
        due = self._partitions[partition].due
        begins_ms, step_ms = to_ms(begins), step // MILLISECOND
        ends = [bisect_left(due, (begins_ms + number * step_ms,)) for number in range(1, steps + 1)]
        return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]

    async def change(self, message_id: MessageId, change: Callable[[Message], Message]) -> ChangeResult | None:
        """Writes what the function makes of the message. Nothing can come in between."""
        partition = self._of(message_id)
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

    async def claim_due(self, lease: Lease, limit: int) -> ClaimResult:
        """Takes over what lost owners held, then claims what is due."""
        partition, now = self._partitions[lease.partition], self._clock.now()
        partition.require_alive(lease, now)
        taken_over = _take_over(partition, now)
        claim = Claim(at=truncate_to_ms(now), instance=lease.owner)
        claimed = [
            partition.messages[message_id].claimed(claim)
            for due_ms, message_id in partition.due[:limit]
            if due_ms <= to_ms(now)
        ]
        del partition.due[: len(claimed)]
        for message in claimed:
            partition.messages[message.id] = message
            partition.claims[message.id] = lease.token
        return ClaimResult(
            messages=claimed,
            now=now,
            next_due=from_ms(partition.due[0][0]) if partition.due else None,
            next_expiry=min(
                (end for token, end in partition.leases.items() if token != lease.token), default=None
            ),
            taken_over=taken_over,
        )

    async def settle(self, lease: Lease, messages: Sequence[Message]) -> frozenset[MessageId]:
        """Writes the next states of what is still claimed under the lease's token."""
        partition = self._partitions[lease.partition]
        lost = set()
        for message in messages:
            if partition.claims.get(message.id) != lease.token:
                lost.add(message.id)
                continue
            del partition.claims[message.id]
            place = store_target_of(message.to) if message.status is Status.DELIVERED else None
            if place is not None and not self._places.put(place, message):
                partition.wait(partition.messages[message.id].given_back())
                lost.add(message.id)
                continue
            if message.status is Status.SCHEDULED:
                partition.wait(message)
            else:
                partition.end(message, self._clock.now())
        partition.forget(self._retention, self._clock.now())
        return frozenset(lost)

    async def give_back_unacknowledged(self, lease: Lease, held: Collection[MessageId]) -> int:
        """Gives back what is claimed under the lease and not held."""
        return self._partitions[lease.partition].give_back(lease.token, held)

    async def partition_state(self, partition: Partition) -> PartitionState:
        """Returns what lies ahead."""
        contents, now = self._partitions[partition], self._clock.now()
        return PartitionState(
            now=now,
            next_due=from_ms(contents.due[0][0]) if contents.due else None,
            roles={
                role: contents.leases[token]
                for role, token in contents.roles.items()
                if contents.is_alive(token, now)
            },
        )

    def _of(self, message_id: MessageId) -> MemoryPartition:
        return self._partitions[partition_in(self._ids, message_id)]


def _add_one(partition: MemoryPartition, keyed: KeyedMessage, now: datetime) -> KeyResult:
    message = keyed.message
    if message.id in partition.messages:
        return KeyResult.ID_TAKEN
    partition.wait(message)
    holder = KeyHolder(fingerprint=keyed.key.fingerprint, message_id=message.id)
    partition.give_key(keyed.key.key, holder, now)
    return KeyResult.STORED


def _take_over(partition: MemoryPartition, now: datetime) -> int:
    taken_over = 0
    for token in [token for token in partition.leases if not partition.is_alive(token, now)]:
        for message in partition.claims_of(token):
            del partition.claims[message.id]
            partition.wait(message.taken_over(truncate_to_ms(now)))
            taken_over += 1
        partition.end_lease(token)
    return taken_over
