"""How a message is written in Redis: a head of fixed layout that scripts read, then msgpack that they do not.

Head, big-endian: version (u8), status (u8), attempts (u16), due (i64, ms). The id is the hash's field and is not
repeated. The tail is an array whose end is left out as far as it holds nothing but defaults, so that the usual
record is short and fields can be added behind without a new version.
"""

from __future__ import annotations

import struct
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from ...domain.instant import from_ms, to_ms
from ...domain.message import Message
from ...domain.outcome import Failure
from ...domain.retry import DEFAULT_RETRY, Backoff, RetryPolicy
from ...domain.status import Status

if TYPE_CHECKING:
    from datetime import datetime

    from ...domain.message import MessageId

VERSION = 1
_HEAD = struct.Struct(">BBHq")
_STATUSES = tuple(Status)
_CODES = {status: code for code, status in enumerate(_STATUSES)}
_MOST_ATTEMPTS = 2**16 - 1
_DEFAULT_TO = "console"


class _Retry(msgspec.Struct, array_like=True, frozen=True):
    attempts: int
    backoff: Backoff
    base_ms: int
    cap_ms: int
    jitter: bool


class _Failure(msgspec.Struct, array_like=True, frozen=True):
    at_ms: int
    reason: str


class _Tail(msgspec.Struct, array_like=True, frozen=True):
    body: bytes
    created_ms: int
    to: str | None = None
    at_ms: int | None = None  # where it differs from the head's due time
    retry: _Retry | None = None
    failures: tuple[_Failure, ...] | None = None
    expires_ms: int | None = None
    labels: tuple[str, ...] | None = None
    headers: tuple[tuple[str, str], ...] | None = None


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
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Tail).decode


def status_byte(status: Status) -> bytes:
    """Returns the second byte of the records of messages in this state."""
    return bytes([_CODES[status]])


def write_record(message: Message) -> bytes:
    """Returns the record of a message. When it ended is not in it: that is its score where it ended."""
    due_ms = to_ms(message.due_at)
    head = _HEAD.pack(VERSION, _CODES[message.status], min(message.attempts, _MOST_ATTEMPTS), due_ms)
    tail: list[Any] = [
        message.body,
        to_ms(message.created_at),
        None if message.to == _DEFAULT_TO else message.to,
        None if message.at == message.due_at else to_ms(message.at),
        None if _is_default(message.retry) else _written_retry(message.retry),
        [[to_ms(failure.at), failure.reason] for failure in message.failures] or None,
        None if message.expires_at is None else to_ms(message.expires_at),
        message.labels or None,
        message.headers or None,
    ]
    while tail[-1] is None:
        tail.pop()
    return head + _encode(tail)


def read_record(
    message_id: MessageId, record: bytes, *, status: Status | None = None, ended_at: datetime | None = None
) -> Message:
    """Returns the message of a record, in the state given where one is.

    Raises:
        UnreadableRecordError: this version of Postdate does not know what the bytes mean.
    """
    try:
        return _read(message_id, record, status, ended_at)
    except _FAULTS as error:
        raise UnreadableRecordError(str(error)) from error


def _read(message_id: MessageId, record: bytes, status: Status | None, ended_at: datetime | None) -> Message:
    version, code, attempts, due_ms = _HEAD.unpack_from(record)
    _require_known(version)
    tail = _decode(memoryview(record)[_HEAD.size :])
    due_at = from_ms(due_ms)
    return Message(
        id=message_id,
        body=tail.body,
        to=tail.to or _DEFAULT_TO,
        at=due_at if tail.at_ms is None else from_ms(tail.at_ms),
        due_at=due_at,
        created_at=from_ms(tail.created_ms),
        status=status or _STATUSES[code],
        attempts=attempts,
        retry=_read_retry(tail.retry) if tail.retry else DEFAULT_RETRY,
        failures=tuple(Failure(at=from_ms(it.at_ms), reason=it.reason) for it in tail.failures or ()),
        ended_at=ended_at,
        expires_at=None if tail.expires_ms is None else from_ms(tail.expires_ms),
        labels=tail.labels or (),
        headers=tail.headers or (),
    )


def _require_known(version: int) -> None:
    if version != VERSION:
        msg = f"its version is {version}, this instance reads {VERSION}"
        raise UnreadableRecordError(msg)


def _is_default(retry: RetryPolicy) -> bool:
    # Nearly every message has the very object; comparing its fields would take as long as writing the record.
    return retry is DEFAULT_RETRY or retry == DEFAULT_RETRY


def _written_retry(retry: RetryPolicy) -> _Retry:
    return _Retry(
        attempts=retry.attempts,
        backoff=retry.backoff,
        base_ms=retry.base // timedelta(milliseconds=1),
        cap_ms=retry.cap // timedelta(milliseconds=1),
        jitter=retry.jitter,
    )


def _read_retry(retry: _Retry) -> RetryPolicy:
    return RetryPolicy(
        attempts=retry.attempts,
        backoff=retry.backoff,
        base=timedelta(milliseconds=retry.base_ms),
        cap=timedelta(milliseconds=retry.cap_ms),
        jitter=retry.jitter,
    )
