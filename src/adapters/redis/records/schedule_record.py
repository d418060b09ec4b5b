"""The record of a schedule in Redis: a head that scripts read, and a tail that they do not read.

The head is big-endian: version (u8), revision (i64), length of the id of the next message (u8), that id.

The tail is a msgpack map, so that fields can be added. The schedule's id is the field of the hash.
"""

from __future__ import annotations

import struct
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from ....domain.ids import MessageId
from ....domain.messages.retry import DEFAULT_RETRY
from ....domain.schedules.schedule import Missed, Schedule, ScheduleStatus, Template
from ....domain.time.instant import MILLISECOND, from_ms, to_ms
from .message_record import UnreadableRecordError
from .retry_record import RetryRecord, decode_retry, encode_retry

if TYPE_CHECKING:
    from datetime import datetime

    from ....domain.ids import ScheduleId

VERSION = 1
_HEAD = struct.Struct(">BqB")


class _Tail(msgspec.Struct, frozen=True, omit_defaults=True):
    cron: str
    timezone: str
    created_ms: int
    body: bytes
    to: str
    status: ScheduleStatus
    missed: Missed
    retry: RetryRecord | None = None
    labels: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    expires_after_ms: int | None = None
    starts_ms: int | None = None
    ends_ms: int | None = None
    next_ms: int | None = None
    last_ms: int | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Tail).decode
_DECODING_ERRORS = (struct.error, OverflowError, msgspec.MsgspecError, UnicodeDecodeError)


def encode_schedule(schedule: Schedule) -> bytes:
    """Returns the record of a schedule."""
    template, next_id = schedule.template, (schedule.next_id or "").encode()
    tail = _Tail(
        cron=schedule.cron,
        timezone=schedule.timezone,
        created_ms=to_ms(schedule.created_at),
        body=template.body,
        to=template.to,
        status=schedule.status,
        missed=schedule.missed,
        retry=None if template.retry == DEFAULT_RETRY else encode_retry(template.retry),
        labels=template.labels,
        headers=template.headers,
        expires_after_ms=None if template.expires_after is None else template.expires_after // MILLISECOND,
        starts_ms=_ms(schedule.starts_at),
        ends_ms=_ms(schedule.ends_at),
        next_ms=_ms(schedule.next_at),
        last_ms=_ms(schedule.last_at),
    )
    return _HEAD.pack(VERSION, schedule.revision, len(next_id)) + next_id + _encode(tail)


def decode_schedule(schedule_id: ScheduleId, record: bytes) -> Schedule:
    """Returns the schedule of a record.

    Raises:
        UnreadableRecordError: This version of Postdate cannot read the bytes.
    """
    try:
        return _decode_record(schedule_id, record)
    except _DECODING_ERRORS as error:
        raise UnreadableRecordError(str(error)) from error


def _decode_record(schedule_id: ScheduleId, record: bytes) -> Schedule:
    version, revision, id_length = _HEAD.unpack_from(record)
    if version != VERSION:
        raise UnreadableRecordError(f"its version is {version}, this instance reads {VERSION}")
    tail_at = _HEAD.size + id_length
    tail = _decode(record[tail_at:])
    return Schedule(
        id=schedule_id,
        template=_template_of(tail),
        cron=tail.cron,
        timezone=tail.timezone,
        created_at=from_ms(tail.created_ms),
        missed=tail.missed,
        starts_at=_instant(tail.starts_ms),
        ends_at=_instant(tail.ends_ms),
        status=tail.status,
        next_at=_instant(tail.next_ms),
        next_id=MessageId(record[_HEAD.size : tail_at].decode()) if id_length else None,
        last_at=_instant(tail.last_ms),
        revision=revision,
    )


def _template_of(tail: _Tail) -> Template:
    return Template(
        body=tail.body,
        to=tail.to,
        retry=DEFAULT_RETRY if tail.retry is None else decode_retry(tail.retry),
        labels=tail.labels,
        headers=tail.headers,
        expires_after=None if tail.expires_after_ms is None else timedelta(milliseconds=tail.expires_after_ms),
    )


def _ms(instant: datetime | None) -> int | None:
    return None if instant is None else to_ms(instant)


def _instant(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)
