"""How a message is written in Redis: a head of fixed layout that scripts read, then msgpack that they do not.

Head, big-endian: version (u8), status (u8), attempts (u16), due (i64, ms), length of the notes (u16).

Notes: what scripts leave for whoever reads the record, one for each owner that was lost: claimed at (i64, ms),
lost at (i64, ms), length of its name (u8), name.

Tail: an array whose end is left out as far as it holds nothing but defaults, so that the usual record is short and
fields can be added behind without a new version. The id is the hash's field and is not repeated.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from ....domain.ids import ScheduleId
from ....domain.messages.history import (
    Attempt,
    AttemptResult,
    Claim,
    GivenUp,
    History,
    HistoryEntry,
    Intervention,
    InterventionKind,
    with_entry,
)
from ....domain.messages.message import Message
from ....domain.messages.retry import DEFAULT_RETRY, RetryPolicy
from ....domain.messages.status import Status
from ....domain.time.instant import from_ms, to_ms
from ....domain.time.local_time import LocalTime
from .retry_record import RetryRecord, decode_retry, encode_retry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....domain.ids import MessageId

VERSION = 2
_HEAD = struct.Struct(">BBHqH")
_NOTE = struct.Struct(">qqB")
_STATUSES = tuple(Status)
_CODES = {status: code for code, status in enumerate(_STATUSES)}
_MAX_ATTEMPTS = 2**16 - 1
_DEFAULT_TO = "console"
_KINDS = ("delivered", "failed", "owner lost", "rescheduled", "replayed", "given up")
_GIVEN_UP = "given up"


class _Entry(msgspec.Struct, array_like=True, frozen=True):
    kind: int
    at_ms: int
    claimed_ms: int = 0
    instance: str = ""
    reason: str = ""
    detail: str = ""


class _Tail(msgspec.Struct, array_like=True, frozen=True):
    body: bytes
    created_ms: int
    to: str | None = None
    at_ms: int | None = None  # where it differs from the head's due time
    retry: RetryRecord | None = None
    expires_ms: int | None = None
    labels: tuple[str, ...] | None = None
    headers: tuple[tuple[str, str], ...] | None = None
    history: tuple[_Entry, ...] | None = None
    ended_ms: int | None = None
    at_local: tuple[str, str] | None = None  # the time on the wall, and the zone
    schedule_id: str | None = None
    begin_by_ms: int | None = None


class UnreadableRecordError(Exception):
    """A record of another version, or none at all."""


_FAULTS = (
    struct.error,  # no head
    IndexError,  # a state that there is not
    OverflowError,  # a time that there is not
    msgspec.MsgspecError,  # no tail
    UnicodeDecodeError,  # a text that is none
    RecursionError,  # too deep to be one of ours
)
_NOTHING_MORE = (None,) * (len(_Tail.__struct_fields__) - 2)
"""What most have behind their body and when they were created, as long as they wait."""
_ms_of_many = lru_cache(maxsize=16)(to_ms)
"""Of moments that all messages of a batch have in common, namely when they were claimed and when they ended."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Tail).decode


def encode_message(message: Message) -> bytes:
    """Returns the record of a message. Who has claimed it is not in it."""
    due_ms = to_ms(message.due_at)
    head = _HEAD.pack(VERSION, _CODES[message.status], min(message.attempts, _MAX_ATTEMPTS), due_ms, 0)
    more: tuple[Any, ...] = (
        None if message.to == _DEFAULT_TO else message.to,
        None if message.at == message.due_at else to_ms(message.at),
        None if _is_default(message.retry) else encode_retry(message.retry),
        None if message.expires_at is None else to_ms(message.expires_at),
        message.labels or None,
        message.headers or None,
        [_written_entry(entry) for entry in message.history] if message.history else None,
        None if message.ended_at is None else _ms_of_many(message.ended_at),
        None if message.at_local is None else (message.at_local.local, message.at_local.timezone),
        message.schedule_id,
        None if message.begin_by is None else to_ms(message.begin_by),
    )
    if more == _NOTHING_MORE:
        return head + _encode((message.body, to_ms(message.created_at)))
    tail: list[Any] = [message.body, to_ms(message.created_at), *more]
    while tail[-1] is None:
        tail.pop()
    return head + _encode(tail)


def encode_labels(message: Message) -> bytes:
    """Returns a message's labels for scripts, which keep an order of each; nothing where it has none."""
    return _encode(message.labels) if message.labels else b""


def code_of(status: Status) -> int:
    """Returns what stands for a state in the head of a record."""
    return _CODES[status]


def decode_message(message_id: MessageId, record: bytes, claim: Claim | None = None) -> Message:
    """Returns the message of a record, as being delivered where it is claimed.

    Raises:
        UnreadableRecordError: this version of Postdate does not know what the bytes mean.
    """
    try:
        return _read(message_id, record, claim)
    except _FAULTS as error:
        raise UnreadableRecordError(str(error)) from error


def _read(message_id: MessageId, record: bytes, claim: Claim | None) -> Message:
    version, code, attempts, due_ms, notes_bytes = _HEAD.unpack_from(record)
    if version != VERSION:
        msg = f"its version is {version}, this instance reads {VERSION}"
        raise UnreadableRecordError(msg)
    begin = _HEAD.size + notes_bytes
    tail = _decode(memoryview(record)[begin:])
    due_at = from_ms(due_ms)
    history: History = ()
    if tail.history or notes_bytes:
        history = _read_history(tail.history or (), record[_HEAD.size : begin])
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


def _read_history(entries: tuple[_Entry, ...], notes: bytes) -> History:
    history: History = tuple(_read_entry(entry) for entry in entries)
    for attempt in _read_notes(notes):
        history = with_entry(history, attempt)
    return history


def _read_notes(notes: bytes) -> Iterator[Attempt]:
    place = 0
    while place < len(notes):
        claimed_ms, lost_ms, length = _NOTE.unpack_from(notes, place)
        place += _NOTE.size + length
        claim = Claim(at=from_ms(claimed_ms), instance=notes[place - length : place].decode(errors="replace"))
        yield Attempt(claim=claim, at=from_ms(lost_ms), result=AttemptResult.OWNER_LOST)


def _written_entry(entry: HistoryEntry) -> list[Any]:
    at_ms = _ms_of_many(entry.at)
    if isinstance(entry, Intervention):
        return [_KINDS.index(entry.kind), at_ms]
    if isinstance(entry, GivenUp):
        return [_KINDS.index(_GIVEN_UP), at_ms, 0, "", entry.reason, entry.detail]
    written = [_KINDS.index(entry.result), at_ms, _ms_of_many(entry.claim.at), entry.claim.instance]
    return [*written, entry.reason, entry.detail] if entry.reason or entry.detail else written


def _read_entry(entry: _Entry) -> HistoryEntry:
    kind, at = _KINDS[entry.kind], from_ms(entry.at_ms)
    if kind == _GIVEN_UP:
        return GivenUp(at=at, reason=entry.reason, detail=entry.detail)
    if kind in tuple(InterventionKind):
        return Intervention(at=at, kind=InterventionKind(kind))
    claim = Claim(at=from_ms(entry.claimed_ms), instance=entry.instance)
    return Attempt(claim=claim, at=at, result=AttemptResult(kind), reason=entry.reason, detail=entry.detail)


def _is_default(retry: RetryPolicy) -> bool:
    # Nearly every message has the very object; comparing its fields would take as long as writing the record.
    return retry is DEFAULT_RETRY or retry == DEFAULT_RETRY
