"""The message store in Redis."""

from __future__ import annotations

import logging
from collections import defaultdict
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

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
from ...domain.errors import LeaseLostError, StoreUnavailableError, UnreadableMessageError
from ...domain.ids import MessageId
from ...domain.messages.history import Claim
from ...domain.messages.query import due_position
from ...domain.messages.request_key import KEY_RETENTION
from ...domain.messages.status import Status
from ...domain.messages.store_target import store_target_of
from ...domain.time.instant import EPOCH, MILLISECOND, from_ms, to_ms, to_rfc3339
from .connection.at_once import all_of
from .records.message_record import UnreadableRecordError, decode_message, encode_labels, encode_message
from .records.role_field import decode_role
from .scripts.replies import key_result_of
from .scripts.search import position_in, search_for

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from ...application.ports.id_generator import IdGenerator
    from ...application.ports.message_store import KeyedMessage
    from ...application.ports.store_targets import StoreTargets
    from ...domain.lease import Lease, Partition
    from ...domain.messages.message import Message
    from ...domain.messages.query import Position, Query
    from ...domain.messages.store_target import StoreTarget
    from ...domain.retention import Retention
    from .keys import KeySpace, PartitionKeys
    from .scripts.message_scripts import MessageScripts
    from .scripts.replies import MessageReply

logger = logging.getLogger("postdate.redis")


STEPS_AT_ONCE = 1000
"""How many steps of a forecast one script counts."""
_KEPT_MS = KEY_RETENTION // MILLISECOND

CHANGE_TRIES = 100
"""How often a message may have been changed by others between reading and writing it."""


class RedisMessageStore:
    """Keeps messages in one hash per partition, and their order in sorted sets beside it."""

    def __init__(
        self,
        scripts: MessageScripts,
        keys: KeySpace,
        ids: IdGenerator,
        store_targets: StoreTargets,
        retention: Retention,
    ) -> None:
        self._scripts = scripts
        self._keys = keys
        self._ids = ids
        self._places = store_targets
        self._kept = (retention.age // MILLISECOND, retention.count)

    async def add(self, messages: Sequence[Message]) -> AddResult:
        """Stores scheduled messages, by one script per partition, all at once."""
        groups = self._by_partition(messages)
        calls = (self._add(partition, group) for partition, group in groups.items())
        answers = dict(zip(groups, await all_of(calls), strict=True))
        return AddResult(
            refused=frozenset(message_id for _, taken in answers.values() for message_id in _ids(taken)),
            next_due_moved_up=frozenset(partition for partition, (earlier, _) in answers.items() if earlier),
        )

    async def _add(self, partition: Partition, messages: Sequence[Message]) -> tuple[bool, Sequence[bytes]]:
        return await self._scripts.add_messages(self._keys[partition], (_row(message) for message in messages))

    async def add_keyed(self, messages: Sequence[KeyedMessage]) -> KeyedAddResult:
        """Stores scheduled messages and claims their keys, by one script per partition, all at once."""
        groups: dict[Partition, dict[int, KeyedMessage]] = defaultdict(dict)
        for place, keyed in enumerate(messages):
            groups[partition_in(self._ids, keyed.message.id)][place] = keyed
        replies = await all_of(self._add_keyed(partition, group.values()) for partition, group in groups.items())
        answers: dict[int, KeyResult | KeyHolder] = {}
        next_due_moved_up: set[Partition] = set()
        for (partition, group), (earlier, raw) in zip(groups.items(), replies, strict=True):
            answers |= {place: key_result_of(reply) for place, reply in zip(group, raw, strict=True)}
            next_due_moved_up |= {partition} if earlier else set()
        return KeyedAddResult(
            answers=[answers[place] for place in range(len(messages))],
            next_due_moved_up=frozenset(next_due_moved_up),
        )

    async def _add_keyed(
        self, partition: Partition, group: Iterable[KeyedMessage]
    ) -> tuple[bool, Sequence[bytes]]:
        rows = [(keyed.key.key, *_row(keyed.message), keyed.key.fingerprint) for keyed in group]
        return await self._scripts.add_keyed_messages(self._keys[partition], _KEPT_MS, rows)

    async def get(self, message_id: MessageId) -> Message | None:
        """Returns the message as it is now."""
        reply = await self._scripts.get_message(self._keys_of(message_id), message_id)
        return None if reply is None else _read_reply(message_id, reply)

    async def find(self, partition: Partition, query: Query, after: Position | None, limit: int) -> MessagePage:
        """Looks for messages by one script, and here for what scripts cannot see."""
        keys = self._keys[partition]
        reply = await self._scripts.find_messages(keys, search_for(keys, query, after, limit))
        found = [message for message in _readable(reply.messages) if query.matches(message)]
        if len(found) > limit:
            return MessagePage(messages=found[:limit], next=due_position(found[limit - 1]))
        return MessagePage(messages=found, next=None if reply.next is None else position_in(reply.next))

    async def count_due(
        self, partition: Partition, begins: datetime, step: timedelta, steps: int
    ) -> Sequence[int]:
        """Counts by scripts of so many steps each that none takes long."""
        keys, begins_ms, step_ms = self._keys[partition], to_ms(begins), step // MILLISECOND
        counts: list[int] = []
        for start in range(0, steps, STEPS_AT_ONCE):
            first_ms = begins_ms + start * step_ms if start else None
            span = (first_ms, begins_ms + (start + 1) * step_ms, step_ms)
            counts += await self._scripts.count_due(keys, span, min(STEPS_AT_ONCE, steps - start))
        return counts

    async def change(self, message_id: MessageId, change: Callable[[Message], Message]) -> ChangeResult | None:
        """Reads, changes and writes where nobody has written in between; else begins again."""
        keys = self._keys_of(message_id)
        for _ in range(CHANGE_TRIES):
            reply = await self._scripts.get_message(keys, message_id)
            if reply is None:
                return None
            message = _read_reply(message_id, reply)
            changed = change(message)
            if changed == message:
                if self._scripts.wait_for_more:
                    await self._scripts.mark_write(keys)  # it may be so by a change that was not durable yet
                return ChangeResult(message=message)
            next_due_moved_up = await self._write(keys, (_place(keys, message), reply.record), changed)
            if next_due_moved_up is not None:
                return ChangeResult(message=changed, next_due_moved_up=next_due_moved_up)
        raise StoreUnavailableError(f"message {message_id} was changed {CHANGE_TRIES} times meanwhile")

    async def _write(self, keys: PartitionKeys, was: tuple[str, bytes], changed: Message) -> bool | None:
        becomes = (_place(keys, changed), to_ms(changed.due_at), encode_message(changed), encode_labels(changed))
        return await self._scripts.change_message(keys, self._kept, changed.id, was=was, becomes=becomes)

    async def claim_due(self, lease: Lease, limit: int) -> ClaimResult:
        """Claims due messages by one script."""
        reply = await self._scripts.claim_due(self._keys[lease.partition], lease.token, limit)
        if reply is None:
            raise LeaseLostError(lease.owner, lease.token)
        return ClaimResult(
            messages=await self._read(lease, reply.now_us // 1000, reply.records),
            now=EPOCH + timedelta(microseconds=reply.now_us),
            next_due=_instant(reply.next_due_ms),
            next_expiry=_instant(reply.next_expiry_ms),
            taken_over=reply.given_back,
        )

    async def settle(self, lease: Lease, messages: Sequence[Message]) -> frozenset[MessageId]:
        """Settles claims by one script, and by one more for each place within the store that they go to."""
        plain, handed_over = _parted(messages)
        keys = self._keys[lease.partition]
        lost: set[MessageId] = set()
        for place, group in handed_over.items():
            lost.update(await self._hand_over(keys, lease, place, group))
        if plain or not handed_over:
            rows = (
                (message.id, _place(keys, message), to_ms(message.due_at), encode_message(message))
                for message in plain
            )
            lost.update(await self._settle(keys, lease, rows))
        return frozenset(lost)

    async def _hand_over(
        self, keys: PartitionKeys, lease: Lease, place: StoreTarget, messages: Sequence[Message]
    ) -> Iterable[MessageId]:
        key = self._places.key_of(place, lease.partition)
        rows = (
            (
                message.id,
                to_ms(message.due_at),
                encode_message(message),
                message.body,
                to_rfc3339(message.at),
                msgspec.json.encode(message.labels),
            )
            for message in messages
        )
        target = (place.kind, key, place.max_length)
        return _ids(await self._scripts.publish_and_settle(keys, self._kept, lease.token, target, rows))

    async def give_back_unacknowledged(self, lease: Lease, held: Collection[MessageId]) -> int:
        """Gives back what is claimed under the lease and not held."""
        return await self._scripts.give_back_claims(
            self._keys[lease.partition], lease.token, end_lease=False, kept=held
        )

    async def partition_state(self, partition: Partition) -> PartitionState:
        """Returns what lies ahead."""
        reply = await self._scripts.get_partition_state(self._keys[partition])
        return PartitionState(
            now=EPOCH + timedelta(microseconds=reply.now_us),
            next_due=_instant(reply.next_due_ms),
            roles={decode_role(field): from_ms(ms) for field, ms in reply.roles_ms},
        )

    async def _settle(
        self, keys: PartitionKeys, lease: Lease, rows: Iterable[tuple[str, str, int, bytes]]
    ) -> frozenset[MessageId]:
        return frozenset(_ids(await self._scripts.settle_claims(keys, self._kept, lease.token, rows)))

    async def _read(
        self, lease: Lease, now_ms: int, records: Sequence[tuple[bytes, bytes | None]]
    ) -> list[Message]:
        """Reads claimed records; one that cannot be read is put among the dead as it is, so that it harms none."""
        claim = Claim(at=from_ms(now_ms), instance=lease.owner)
        messages, unreadable = [], []
        for raw_id, record in records:
            message_id = MessageId(raw_id.decode())
            try:
                messages.append(decode_message(message_id, record or b"", claim))
            except UnreadableRecordError as error:
                logger.error("message %s cannot be read and is dead: %s", message_id, error)  # noqa: TRY400  # no trace helps
                unreadable.append((message_id, record or b""))
        if unreadable:
            keys = self._keys[lease.partition]
            await self._settle(keys, lease, ((name, keys.dead, 0, record) for name, record in unreadable))
        return messages

    def _by_partition(self, messages: Iterable[Message]) -> dict[Partition, list[Message]]:
        groups: dict[Partition, list[Message]] = defaultdict(list)
        for message in messages:
            groups[partition_in(self._ids, message.id)].append(message)
        return groups

    def _keys_of(self, message_id: MessageId) -> PartitionKeys:
        return self._keys[partition_in(self._ids, message_id)]


def _parted(messages: Sequence[Message]) -> tuple[Sequence[Message], Mapping[StoreTarget, Sequence[Message]]]:
    """Parts messages into those to be settled alone, and those that are put into a place as they are settled."""
    plain: list[Message] = []
    handed_over: dict[StoreTarget, list[Message]] = {}
    for message in messages:
        # Most go to the console; whether a destination names a place takes longer than all else here.
        place = store_target_of(message.to) if message.status is Status.DELIVERED and ":" in message.to else None
        if place is None:
            plain.append(message)
        else:
            handed_over.setdefault(place, []).append(message)
    return plain, handed_over


def _place(keys: PartitionKeys, message: Message) -> str:
    """Returns the key of the order that a message is in."""
    if message.status is Status.SCHEDULED:
        return keys.due
    return keys.dead if message.status is Status.DEAD else keys.done


def _row(message: Message) -> tuple[MessageId, int, bytes, bytes]:
    return message.id, to_ms(message.due_at), encode_message(message), encode_labels(message)


def _readable(replies: Iterable[tuple[bytes, MessageReply]]) -> Iterable[Message]:
    """Reads records but for those that nobody can: whoever claims one puts it among the dead and tells of it."""
    for raw_id, reply in replies:
        with suppress(UnreadableMessageError):
            yield _read_reply(MessageId(raw_id.decode()), reply)


def _read_reply(message_id: MessageId, reply: MessageReply) -> Message:
    claim = None if reply.claimed_ms is None else Claim(at=from_ms(reply.claimed_ms), instance=reply.owner)
    try:
        return decode_message(message_id, reply.record, claim)
    except UnreadableRecordError as error:
        raise UnreadableMessageError(message_id, str(error)) from error


def _ids(raw: Iterable[bytes]) -> Iterable[MessageId]:
    return (MessageId(message_id.decode()) for message_id in raw)


def _instant(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)
