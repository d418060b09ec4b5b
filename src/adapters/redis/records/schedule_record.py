"""How a schedule is written in Redis: a head of fixed layout that scripts read, then msgpack that they do not.

Head, big-endian: version (u8), revision (i64), length of the id of its next message (u8), that id.

Tail: a map, so that fields can be added. The schedule's own id is the hash's field and is not repeated.
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
_FAULTS = (struct.error, OverflowError, msgspec.MsgspecError, UnicodeDecodeError)


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
        UnreadableRecordError: this version of Postdate does not know what the bytes mean.
    """
    try:
        return _read(schedule_id, record)
    except _FAULTS as error:
        raise UnreadableRecordError(str(error)) from error


def _read(schedule_id: ScheduleId, record: bytes) -> Schedule:
    version, revision, length = _HEAD.unpack_from(record)
    if version != VERSION:
        raise UnreadableRecordError(f"its version is {version}, this instance reads {VERSION}")
    begin = _HEAD.size + length
    tail = _decode(record[begin:])
    return Schedule(
        id=schedule_id,
        template=_read_template(tail),
        cron=tail.cron,
        timezone=tail.timezone,
        created_at=from_ms(tail.created_ms),
        missed=tail.missed,
        starts_at=_moment(tail.starts_ms),
        ends_at=_moment(tail.ends_ms),
        status=tail.status,
        next_at=_moment(tail.next_ms),
        next_id=MessageId(record[_HEAD.size : begin].decode()) if length else None,
        last_at=_moment(tail.last_ms),
        revision=revision,
    )


def _read_template(tail: _Tail) -> Template:
    lasts_ms = tail.expires_after_ms
    return Template(
        body=tail.body,
        to=tail.to,
        retry=DEFAULT_RETRY if tail.retry is None else decode_retry(tail.retry),
        labels=tail.labels,
        headers=tail.headers,
        expires_after=None if lasts_ms is None else timedelta(milliseconds=lasts_ms),
    )


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)
