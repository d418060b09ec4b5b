"""The timeline of a message: its life as a list of events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import TYPE_CHECKING

from ..time.instant import MILLISECOND
from .history import Attempt, Intervention, InterventionKind
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
    """One event in the life of a message.

    Attributes:
        at: When the event happened.
        event: What happened.
        facts: Details by name. The name of a number ends with its unit.
    """

    at: datetime
    event: EventKind
    facts: Mapping[str, str | int] = field(default_factory=dict)


def timeline_of(message: Message) -> tuple[TimelineEntry, ...]:
    """Returns the timeline of a message, oldest entry first, as far as its history goes back."""
    return tuple(_entries(message))


def _entries(message: Message) -> Iterator[TimelineEntry]:
    yield TimelineEntry(at=message.created_at, event=EventKind.SCHEDULED)
    for entry, following in zip_longest(message.history, message.history[1:]):
        if isinstance(entry, Attempt):
            yield from _attempt_entries(entry)
        if isinstance(entry, Intervention):
            yield TimelineEntry(at=entry.at, event=EventKind(entry.kind))
        elif _is_replay(following):
            yield _death_entry(entry)
        elif following is not None or not message.status.ended:
            yield TimelineEntry(at=entry.at, event=EventKind.RETRY)
    if message.claim is not None:
        yield _claim_entry(message.claim)
    if message.ended_at is not None:
        yield _end_entry(message, message.ended_at)


def _is_replay(entry: HistoryEntry | None) -> bool:
    return isinstance(entry, Intervention) and entry.kind is InterventionKind.REPLAYED


def _death_entry(entry: Attempt | GivenUp) -> TimelineEntry:
    return TimelineEntry(at=entry.at, event=EventKind.DEAD, facts={"reason": entry.reason})


def _attempt_entries(attempt: Attempt) -> Iterator[TimelineEntry]:
    yield _claim_entry(attempt.claim)
    detail = "\n".join(text for text in (attempt.reason, attempt.detail) if text)
    duration_ms = max(attempt.at - attempt.claim.at, timedelta(0)) // MILLISECOND
    facts: dict[str, str | int] = {"result": str(attempt.result), "detail": detail, "duration_ms": duration_ms}
    yield TimelineEntry(at=attempt.at, event=EventKind.ATTEMPT, facts=facts)


def _claim_entry(claim: Claim) -> TimelineEntry:
    return TimelineEntry(at=claim.at, event=EventKind.CLAIMED, facts={"instance": claim.instance})


def _end_entry(message: Message, at: datetime) -> TimelineEntry:
    facts: dict[str, str | int] = {}
    if message.status is Status.DELIVERED:
        facts["lateness_ms"] = max(at - message.due_at, timedelta(0)) // MILLISECOND
    elif message.status is Status.DEAD and message.failures:
        facts["reason"] = message.failures[-1].reason
    return TimelineEntry(at=at, event=EventKind(message.status), facts=facts)
