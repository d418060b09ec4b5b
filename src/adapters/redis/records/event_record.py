"""The encoding of message events in the feed: an array of events (msgpack), each an array of its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ....application.events.message_event import MessageEvent
from ....domain.ids import MessageId
from ....domain.messages.status import Status  # noqa: TC001  # msgspec reads the annotations below at runtime
from ....domain.messages.timeline import EventKind  # noqa: TC001  # likewise
from ....domain.time.instant import from_ms, to_ms

if TYPE_CHECKING:
    from collections.abc import Sequence


class _EventRecord(msgspec.Struct, array_like=True, frozen=True):
    kind: EventKind
    at_ms: int
    message_id: str
    status: Status
    to: str
    labels: tuple[str, ...]
    due_ms: int
    attempts: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[_EventRecord, ...]).decode


def encode_events(events: Sequence[MessageEvent]) -> bytes:
    """Returns the record of events."""
    return _encode([_to_record(event) for event in events])


def decode_events(record: bytes) -> Sequence[MessageEvent]:
    """Returns the events of a record.

    A record of another version is read as an empty entry, which marks a gap in the feed.
    """
    try:
        return tuple(_from_record(event) for event in _decode(record))
    except msgspec.MsgspecError:
        return ()


def _to_record(event: MessageEvent) -> _EventRecord:
    return _EventRecord(
        kind=event.kind,
        at_ms=to_ms(event.at),
        message_id=event.message_id,
        status=event.status,
        to=event.to,
        labels=event.labels,
        due_ms=to_ms(event.due_at),
        attempts=event.attempts,
    )


def _from_record(record: _EventRecord) -> MessageEvent:
    return MessageEvent(
        kind=record.kind,
        at=from_ms(record.at_ms),
        message_id=MessageId(record.message_id),
        status=record.status,
        to=record.to,
        labels=record.labels,
        due_at=from_ms(record.due_ms),
        attempts=record.attempts,
    )
