"""A message's life, told event by event."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import TYPE_CHECKING

from ..time.instant import MILLISECOND
from .history import Attempt, Intervened, Intervention
from .status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from .history import Claim, GivenUp, HistoryEntry
    from .message import Message


class EventKind(StrEnum):
    """What can happen to a message."""

    SCHEDULED = "scheduled"
    CLAIMED = "claimed"
    ATTEMPT = "attempt"
    DELIVERED = "delivered"
    RETRY = "retry"
    DEAD = "dead"
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"
    EXPIRED = "expired"
    REPLAYED = "replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One event of a message's life.

    Attributes:
        at: when.
        event: what.
        facts: more of it by name; a number's name ends with its unit.
    """

    at: datetime
    event: EventKind
    facts: Mapping[str, str | int] = field(default_factory=dict)


def timeline_of(message: Message) -> tuple[TimelineEntry, ...]:
    """Returns what has happened to a message, oldest first, as far as it remembers."""
    return tuple(_told(message))


def _told(message: Message) -> Iterator[TimelineEntry]:
    yield TimelineEntry(at=message.created_at, event=EventKind.SCHEDULED)
    for entry, following in zip_longest(message.history, message.history[1:]):
        if isinstance(entry, Attempt):
            yield from _attempt(entry)
        if isinstance(entry, Intervened):
            yield TimelineEntry(at=entry.at, event=EventKind(entry.what))
        elif _was_replayed(following):
            yield TimelineEntry(at=entry.at, event=EventKind.DEAD, facts=_reason(entry))
        elif following is not None or not message.status.ended:
            yield TimelineEntry(at=entry.at, event=EventKind.RETRY)
    if message.claim is not None:
        yield _claimed(message.claim)
    if message.ended_at is not None:
        yield _ended(message, message.ended_at)


def _was_replayed(following: HistoryEntry | None) -> bool:
    return isinstance(following, Intervened) and following.what is Intervention.REPLAYED


def _reason(entry: Attempt | GivenUp) -> Mapping[str, str | int]:
    return {"reason": entry.reason}


def _attempt(attempt: Attempt) -> Iterator[TimelineEntry]:
    yield _claimed(attempt.claim)
    detail = "\n".join(text for text in (attempt.reason, attempt.detail) if text)
    duration_ms = max(attempt.at - attempt.claim.at, timedelta(0)) // MILLISECOND
    facts: dict[str, str | int] = {"result": str(attempt.result), "detail": detail, "duration_ms": duration_ms}
    yield TimelineEntry(at=attempt.at, event=EventKind.ATTEMPT, facts=facts)


def _claimed(claim: Claim) -> TimelineEntry:
    return TimelineEntry(at=claim.at, event=EventKind.CLAIMED, facts={"instance": claim.instance})


def _ended(message: Message, at: datetime) -> TimelineEntry:
    facts: dict[str, str | int] = {}
    if message.status is Status.DELIVERED:
        facts["lateness_ms"] = max(at - message.due_at, timedelta(0)) // MILLISECOND
    elif message.status is Status.DEAD and message.failures:
        facts["reason"] = message.failures[-1].reason
    return TimelineEntry(at=at, event=EventKind(message.status), facts=facts)
