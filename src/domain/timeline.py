"""A message's life, told event by event."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import TYPE_CHECKING

from .history import Attempt, Intervened, Intervention
from .instant import MILLISECOND
from .status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from .history import Claim, Entry, GivenUp
    from .message import Message


class Event(StrEnum):
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
class Happened:
    """One event of a message's life.

    Attributes:
        at: when.
        event: what.
        facts: more of it by name; a number's name ends with its unit.
    """

    at: datetime
    event: Event
    facts: Mapping[str, str | int] = field(default_factory=dict)


def timeline_of(message: Message) -> tuple[Happened, ...]:
    """Returns what has happened to a message, oldest first, as far as it remembers."""
    return tuple(_told(message))


def _told(message: Message) -> Iterator[Happened]:
    yield Happened(at=message.created_at, event=Event.SCHEDULED)
    for entry, following in zip_longest(message.history, message.history[1:]):
        if isinstance(entry, Attempt):
            yield from _attempt(entry)
        if isinstance(entry, Intervened):
            yield Happened(at=entry.at, event=Event(entry.what))
        elif _was_replayed(following):
            yield Happened(at=entry.at, event=Event.DEAD, facts=_reason(entry))
        elif following is not None or not message.status.ended:
            yield Happened(at=entry.at, event=Event.RETRY)
    if message.claim is not None:
        yield _claimed(message.claim)
    if message.ended_at is not None:
        yield _ended(message, message.ended_at)


def _was_replayed(following: Entry | None) -> bool:
    return isinstance(following, Intervened) and following.what is Intervention.REPLAYED


def _reason(entry: Attempt | GivenUp) -> Mapping[str, str | int]:
    return {"reason": entry.reason}


def _attempt(attempt: Attempt) -> Iterator[Happened]:
    yield _claimed(attempt.claim)
    detail = "\n".join(text for text in (attempt.reason, attempt.detail) if text)
    duration_ms = max(attempt.at - attempt.claim.at, timedelta(0)) // MILLISECOND
    facts: dict[str, str | int] = {"result": str(attempt.result), "detail": detail, "duration_ms": duration_ms}
    yield Happened(at=attempt.at, event=Event.ATTEMPT, facts=facts)


def _claimed(claim: Claim) -> Happened:
    return Happened(at=claim.at, event=Event.CLAIMED, facts={"instance": claim.instance})


def _ended(message: Message, at: datetime) -> Happened:
    facts: dict[str, str | int] = {}
    if message.status is Status.DELIVERED:
        facts["lateness_ms"] = max(at - message.due_at, timedelta(0)) // MILLISECOND
    elif message.status is Status.DEAD and message.failures:
        facts["reason"] = message.failures[-1].reason
    return Happened(at=at, event=Event(message.status), facts=facts)
