"""The encoding of messages in Redis: a head that scripts read, notes that scripts write, and a tail in msgpack.

Head, big-endian: version (u8), status (u8), attempts (u16), due (i64, ms), length of the notes (u16).

Notes: one for each lost owner. The next write of the record moves them into the history.

Tail: an array. Trailing default values are left out, so the usual record is short, and fields can be appended
without a new version. The id of the message is the field of the hash and is not repeated.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import msgspec

from ....domain.ids import ScheduleId
from ....domain.messages.message import Message
from ....domain.messages.retry import DEFAULT_RETRY, RetryPolicy
from ....domain.messages.status import Status
from ....domain.time.instant import from_ms, to_ms
from ....domain.time.local_time import LocalTime
from .history_record import EntryRecord, cached_ms, decode_history, encode_entry
from .retry_record import RetryRecord, decode_retry, encode_retry

if TYPE_CHECKING:
    from ....domain.ids import MessageId
    from ....domain.messages.history import Claim, History

VERSION = 2
_HEAD = struct.Struct(">BBHqH")
_STATUSES = tuple(Status)
_CODES = {status: code for code, status in enumerate(_STATUSES)}
_MAX_ATTEMPTS = 2**16 - 1
_DEFAULT_TO = "console"


class _Tail(msgspec.Struct, array_like=True, frozen=True):
    body: bytes
    created_ms: int
    to: str | None = None
    at_ms: int | None = None  # if it differs from the due time in the head
    retry: RetryRecord | None = None
    expires_ms: int | None = None
    labels: tuple[str, ...] | None = None
    headers: tuple[tuple[str, str], ...] | None = None
    history: tuple[EntryRecord, ...] | None = None
    ended_ms: int | None = None
    at_local: tuple[str, str] | None = None  # the local time and its zone
    schedule_id: str | None = None
    begin_by_ms: int | None = None


class UnreadableRecordError(Exception):
    """The record has another version, or is missing or damaged."""


_DECODING_ERRORS = (
    struct.error,  # the head is too short
    IndexError,  # unknown status
    OverflowError,  # invalid time
    msgspec.MsgspecError,  # invalid tail
    UnicodeDecodeError,  # invalid text
    RecursionError,  # nested more deeply than any record of ours
)
_ALL_DEFAULT = (None,) * (len(_Tail.__struct_fields__) - 2)
"""The fields after `created_ms` of most waiting messages."""
_encode = msgspec.msgpack.Encoder().encode
_decode_tail = msgspec.msgpack.Decoder(_Tail).decode


def encode_message(message: Message) -> bytes:
    """Returns the record of a message. Its claim is not part of the record."""
    due_ms = to_ms(message.due_at)
    head = _HEAD.pack(VERSION, _CODES[message.status], min(message.attempts, _MAX_ATTEMPTS), due_ms, 0)
    fields: tuple[Any, ...] = (
        None if message.to == _DEFAULT_TO else message.to,
        None if message.at == message.due_at else to_ms(message.at),
        None if _is_default(message.retry) else encode_retry(message.retry),
        None if message.expires_at is None else to_ms(message.expires_at),
        message.labels or None,
        message.headers or None,
        [encode_entry(entry) for entry in message.history] if message.history else None,
        None if message.ended_at is None else cached_ms(message.ended_at),
        None if message.at_local is None else (message.at_local.local, message.at_local.timezone),
        message.schedule_id,
        None if message.begin_by is None else to_ms(message.begin_by),
    )
    if fields == _ALL_DEFAULT:
        return head + _encode((message.body, to_ms(message.created_at)))
    tail: list[Any] = [message.body, to_ms(message.created_at), *fields]
    while tail[-1] is None:
        tail.pop()
    return head + _encode(tail)


def encode_labels(message: Message) -> bytes:
    """Returns the labels of a message for scripts, which index messages by label; empty if it has none."""
    return _encode(message.labels) if message.labels else b""


def code_of(status: Status) -> int:
    """Returns the code of a status in the head of a record."""
    return _CODES[status]


def decode_message(message_id: MessageId, record: bytes, claim: Claim | None = None) -> Message:
    """Returns the message of a record. With a claim, its status is `DELIVERING`.

    Raises:
        UnreadableRecordError: This version of Postdate cannot decode the record.
    """
    try:
        return _decode_record(message_id, record, claim)
    except _DECODING_ERRORS as error:
        raise UnreadableRecordError(str(error)) from error


def _decode_record(message_id: MessageId, record: bytes, claim: Claim | None) -> Message:
    version, code, attempts, due_ms, notes_bytes = _HEAD.unpack_from(record)
    if version != VERSION:
        msg = f"its version is {version}, this instance reads {VERSION}"
        raise UnreadableRecordError(msg)
    begin = _HEAD.size + notes_bytes
    tail = _decode_tail(memoryview(record)[begin:])
    due_at = from_ms(due_ms)
    history: History = ()
    if tail.history or notes_bytes:
        history = decode_history(tail.history or (), record[_HEAD.size : begin])
    return Message(
        id=message_id,
        body=tail.body,
        to=tail.to or _DEFAULT_TO,
        at=due_at if tail.at_ms is None else from_ms(tail.at_ms),
        due_at=due_at,
        created_at=from_ms(tail.created_ms),
        status=_STATUSES[code] if claim is None else Status.DELIVERING,
        attempts=attempts,
        retry=decode_retry(tail.retry) if tail.retry else DEFAULT_RETRY,
        expires_at=None if tail.expires_ms is None else from_ms(tail.expires_ms),
        labels=tail.labels or (),
        headers=tail.headers or (),
        history=history,
        claim=claim,
        ended_at=None if tail.ended_ms is None else from_ms(tail.ended_ms),
        at_local=None if tail.at_local is None else LocalTime(local=tail.at_local[0], timezone=tail.at_local[1]),
        schedule_id=None if tail.schedule_id is None else ScheduleId(tail.schedule_id),
        begin_by=None if tail.begin_by_ms is None else from_ms(tail.begin_by_ms),
    )


def _is_default(retry: RetryPolicy) -> bool:
    # Nearly every message has this very object. Comparing the fields would take as long as encoding the record.
    return retry is DEFAULT_RETRY or retry == DEFAULT_RETRY
