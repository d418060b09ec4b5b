"""What has happened to a message so far, as it remembers it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ..immutable import immutable

if TYPE_CHECKING:
    from datetime import datetime

REMEMBERED_ENTRIES = 10
"""How many of the last entries a message keeps, so that a record cannot grow without end."""


class Result(StrEnum):
    """What came of an attempt."""

    DELIVERED = "delivered"
    FAILED = "failed"
    OWNER_LOST = "owner lost"
    """The instance that tried ended, or lost its lease, before it had settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who has a message that is being delivered.

    Attributes:
        at: since when.
        instance: who.
    """

    at: datetime
    instance: str


@immutable
class Attempt:
    """One attempt to deliver a message.

    Attributes:
        claim: by whom, and since when.
        at: when it ended, or was seen to have.
        result: what came of it.
        reason: why it failed, for people and for logs.
        detail: what the receiver answered.
    """

    claim: Claim
    at: datetime
    result: Result
    reason: str = ""
    detail: str = ""


class Intervention(StrEnum):
    """What a client can do to a message that is there already, besides ending it."""

    RESCHEDULED = "rescheduled"
    REPLAYED = "replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervened:
    """A client has changed a message.

    Attributes:
        at: when.
        what: how.
    """

    at: datetime
    what: Intervention


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """A message was put among the dead without another attempt.

    Attributes:
        at: when.
        reason: why.
        detail: more of it.
    """

    at: datetime
    reason: str
    detail: str = ""


HistoryEntry = Attempt | Intervened | GivenUp
History = tuple[HistoryEntry, ...]


def lengthened(history: History, entry: HistoryEntry) -> History:
    """Returns the history with one more entry, and without the first of too many."""
    return (*history, entry)[-REMEMBERED_ENTRIES:]
