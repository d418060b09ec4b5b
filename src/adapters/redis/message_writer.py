"""The message writer in Redis."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ...application.ports.id_generator import partition_in
from ...application.ports.message_writer import AddResult, KeyedAddResult, KeyHolder, KeyResult
from ...domain.messages.request_key import KEY_RETENTION
from ...domain.time.instant import MILLISECOND, to_ms
from .connection.at_once import all_of
from .records.message_record import encode_labels, encode_message
from .scripts.replies import key_result_of, message_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...application.ports.id_generator import IdGenerator
    from ...application.ports.message_writer import KeyedMessage
    from ...domain.ids import MessageId
    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from .keys import KeySpace
    from .scripts.message_scripts import MessageScripts

_KEPT_MS = KEY_RETENTION // MILLISECOND


class RedisMessageWriter:
    """Stores messages by one script for each partition, in all partitions at the same time."""

    def __init__(self, scripts: MessageScripts, keys: KeySpace, ids: IdGenerator) -> None:
        self._scripts = scripts
        self._keys = keys
        self._ids = ids

    async def add(self, messages: Sequence[Message]) -> AddResult:
        """Stores the messages whose ids are free."""
        groups: dict[Partition, list[Message]] = defaultdict(list)
        for message in messages:
            groups[partition_in(self._ids, message.id)].append(message)
        calls = (self._add(partition, group) for partition, group in groups.items())
        replies = dict(zip(groups, await all_of(calls), strict=True))
        return AddResult(
            refused=frozenset(message_id for _, taken in replies.values() for message_id in message_ids(taken)),
            next_due_moved_up=frozenset(partition for partition, (moved_up, _) in replies.items() if moved_up),
        )

    async def _add(self, partition: Partition, messages: Sequence[Message]) -> tuple[bool, Sequence[bytes]]:
        return await self._scripts.add_messages(self._keys[partition], (_row(message) for message in messages))

    async def add_keyed(self, messages: Sequence[KeyedMessage]) -> KeyedAddResult:
        """Stores the messages whose keys are free."""
        groups: dict[Partition, dict[int, KeyedMessage]] = defaultdict(dict)
        for index, keyed in enumerate(messages):
            groups[partition_in(self._ids, keyed.message.id)][index] = keyed
        replies = await all_of(self._add_keyed(partition, group.values()) for partition, group in groups.items())
        answers: dict[int, KeyResult | KeyHolder] = {}
        next_due_moved_up: set[Partition] = set()
        for (partition, group), (moved_up, raw) in zip(groups.items(), replies, strict=True):
            answers |= {index: key_result_of(reply) for index, reply in zip(group, raw, strict=True)}
            next_due_moved_up |= {partition} if moved_up else set()
        return KeyedAddResult(
            answers=[answers[index] for index in range(len(messages))],
            next_due_moved_up=frozenset(next_due_moved_up),
        )

    async def _add_keyed(
        self, partition: Partition, group: Iterable[KeyedMessage]
    ) -> tuple[bool, Sequence[bytes]]:
        rows = [(keyed.key.key, *_row(keyed.message), keyed.key.fingerprint) for keyed in group]
        return await self._scripts.add_keyed_messages(self._keys[partition], _KEPT_MS, rows)


def _row(message: Message) -> tuple[MessageId, int, bytes, bytes]:
    return message.id, to_ms(message.due_at), encode_message(message), encode_labels(message)
