"""The history that a message carries with it: what has happened to it so far."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ..immutable import immutable

if TYPE_CHECKING:
    from datetime import datetime

MAX_HISTORY_ENTRIES = 10
"""How many of its latest entries a message keeps, so that its record cannot grow without limit."""


class AttemptResult(StrEnum):
    """How an attempt ended."""

    DELIVERED = "delivered"
    FAILED = "failed"
    OWNER_LOST = "owner lost"
    """The delivering instance ended, or lost its lease, before it settled the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Which instance delivers a message.

    Attributes:
        at: When the instance claimed the message.
        instance: The instance's name.
    """

    at: datetime
    instance: str


@immutable
class Attempt:
    """One attempt to deliver a message.

    Attributes:
        claim: Which instance made the attempt, and since when.
        at: When the attempt ended, or was found to have ended.
        result: How the attempt ended.
        reason: Why the attempt failed, for people and for logs.
        detail: What the receiver answered.
    """

    claim: Claim
    at: datetime
    result: AttemptResult
    reason: str = ""
    detail: str = ""


class InterventionKind(StrEnum):
    """What a client can do to an existing message without ending it."""

    RESCHEDULED = "rescheduled"
    REPLAYED = "replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """A client's change of an existing message.

    Attributes:
        at: When the client changed the message.
        kind: How the client changed it.
    """

    at: datetime
    kind: InterventionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """The death of a message without another attempt.

    Attributes:
        at: When the message was given up.
        reason: Why, for people and for logs.
        detail: More about the reason.
    """

    at: datetime
    reason: str
    detail: str = ""


HistoryEntry = Attempt | Intervention | GivenUp
History = tuple[HistoryEntry, ...]


def with_entry(history: History, entry: HistoryEntry) -> History:
    """Returns the history with one more entry. The oldest one is dropped if there would be too many."""
    return (*history, entry)[-MAX_HISTORY_ENTRIES:]
