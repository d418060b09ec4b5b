"""The message store in Redis."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ...application.ports.id_generator import partition_in
from ...application.ports.message_store import ChangeResult, MessagePage
from ...domain.errors import StoreUnavailableError, UnreadableMessageError
from ...domain.ids import MessageId
from ...domain.messages.history import Claim
from ...domain.messages.query import due_position
from ...domain.time.instant import MILLISECOND, from_ms, to_ms
from .records.message_record import UnreadableRecordError, decode_message, encode_labels, encode_message
from .scripts.search import position_in, search_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime, timedelta

    from ...application.ports.id_generator import IdGenerator
    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from ...domain.messages.query import Position, Query
    from ...domain.retention import Retention
    from .keys import KeySpace, PartitionKeys
    from .scripts.message_scripts import MessageScripts
    from .scripts.replies import MessageReply

MAX_STEPS = 1000
"""How many steps one script counts."""
MAX_CHANGE_TRIES = 100
"""How often a change is tried. A try fails if another change of the message comes first."""


class RedisMessageStore:
    """Reads and changes messages: one hash of records per partition, and their order in zsets beside it."""

    def __init__(self, scripts: MessageScripts, keys: KeySpace, ids: IdGenerator, retention: Retention) -> None:
        self._scripts = scripts
        self._keys = keys
        self._ids = ids
        self._retention = (retention.age // MILLISECOND, retention.count)

    async def get(self, message_id: MessageId) -> Message | None:
        """Returns a message."""
        reply = await self._scripts.get_message(self._keys_of(message_id), message_id)
        return None if reply is None else _decode(message_id, reply)

    async def find(self, partition: Partition, query: Query, after: Position | None, limit: int) -> MessagePage:
        """Searches by one script, and filters here by what scripts cannot read."""
        keys = self._keys[partition]
        reply = await self._scripts.find_messages(keys, search_for(keys, query, after, limit))
        found = [message for message in _readable(reply.messages) if query.matches(message)]
        if len(found) > limit:
            return MessagePage(messages=found[:limit], next=due_position(found[limit - 1]))
        return MessagePage(messages=found, next=None if reply.next is None else position_in(reply.next))

    async def count_due(
        self, partition: Partition, begins: datetime, step: timedelta, steps: int
    ) -> Sequence[int]:
        """Counts by several scripts, each of so few steps that none takes long."""
        keys, begins_ms, step_ms = self._keys[partition], to_ms(begins), step // MILLISECOND
        counts: list[int] = []
        for start in range(0, steps, MAX_STEPS):
            first_ms = begins_ms + start * step_ms if start else None
            ends_ms = begins_ms + (start + 1) * step_ms
            counts += await self._scripts.count_due(
                keys, first_ms, ends_ms, step_ms, min(MAX_STEPS, steps - start)
            )
        return counts

    async def change(self, message_id: MessageId, change: Callable[[Message], Message]) -> ChangeResult | None:
        """Reads, changes and writes the message; begins again if it has changed in between."""
        keys = self._keys_of(message_id)
        for _ in range(MAX_CHANGE_TRIES):
            reply = await self._scripts.get_message(keys, message_id)
            if reply is None:
                return None
            message = _decode(message_id, reply)
            changed = change(message)
            if changed == message:
                await self._scripts.confirm_earlier_writes(keys)
                return ChangeResult(message=message)
            was = (keys.queue(message.status), reply.record)
            next_due_moved_up = await self._write(keys, was, changed)
            if next_due_moved_up is not None:
                return ChangeResult(message=changed, next_due_moved_up=next_due_moved_up)
        raise StoreUnavailableError(f"message {message_id} was changed {MAX_CHANGE_TRIES} times meanwhile")

    async def _write(self, keys: PartitionKeys, was: tuple[str, bytes], changed: Message) -> bool | None:
        due_ms, record, labels = to_ms(changed.due_at), encode_message(changed), encode_labels(changed)
        becomes = (keys.queue(changed.status), due_ms, record, labels)
        return await self._scripts.change_message(keys, self._retention, changed.id, was=was, becomes=becomes)

    def _keys_of(self, message_id: MessageId) -> PartitionKeys:
        return self._keys[partition_in(self._ids, message_id)]


def _readable(replies: Iterable[tuple[bytes, MessageReply]]) -> Iterable[Message]:
    """Yields the messages whose records can be read. The next claim of the others moves them to dead."""
    for raw_id, reply in replies:
        with suppress(UnreadableMessageError):
            yield _decode(MessageId(raw_id.decode()), reply)


def _decode(message_id: MessageId, reply: MessageReply) -> Message:
    claim = None if reply.claimed_ms is None else Claim(at=from_ms(reply.claimed_ms), instance=reply.owner)
    try:
        return decode_message(message_id, reply.record, claim)
    except UnreadableRecordError as error:
        raise UnreadableMessageError(message_id, str(error)) from error
