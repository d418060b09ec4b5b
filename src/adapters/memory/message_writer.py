"""The message writer in the memory of this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...application.ports.id_generator import partition_in
from ...application.ports.message_writer import AddResult, KeyedAddResult, KeyHolder, KeyResult
from ...domain.time.instant import to_ms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ...application.ports.clock import Clock
    from ...application.ports.id_generator import IdGenerator
    from ...application.ports.message_writer import KeyedMessage
    from ...domain.messages.message import Message
    from .partitions import MemoryPartition, MemoryPartitions


class MemoryMessageWriter:
    """Adds messages to the given partitions, by the given clock."""

    def __init__(self, partitions: MemoryPartitions, ids: IdGenerator, clock: Clock) -> None:
        self._partitions = partitions
        self._ids = ids
        self._clock = clock

    async def add(self, messages: Sequence[Message]) -> AddResult:
        """Stores the messages whose ids are free."""
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
        """Stores the messages whose keys are free."""
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


def _add_one(partition: MemoryPartition, keyed: KeyedMessage, now: datetime) -> KeyResult:
    message = keyed.message
    if message.id in partition.messages:
        return KeyResult.ID_TAKEN
    partition.wait(message)
    holder = KeyHolder(fingerprint=keyed.key.fingerprint, message_id=message.id)
    partition.give_key(keyed.key.key, holder, now)
    return KeyResult.STORED
