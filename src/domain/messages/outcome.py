"""What came of one attempt to deliver a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

REMEMBERED_CHARS = 1_200
"""How much of a reason, and of an answer, a message keeps: they may be text of a stranger's choosing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The channel handed the message over.

    Attributes:
        detail: what the receiver answered, which only the message itself keeps.
    """

    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The channel could not hand the message over.

    Attributes:
        reason: why, for people and for logs; no body and no secret in it.
        detail: what the receiver answered, which only the message itself keeps.
        retry_after: how long the receiver asked to wait; overrides the message's own backoff.
        permanent: whether trying again is pointless, so that the message dies at once.
    """

    reason: str
    detail: str = ""
    retry_after: timedelta | None = None
    permanent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStarted:
    """Delivery was not begun, which is no attempt.

    Attributes:
        wait: how long to leave the message alone, because its destination is too busy; `None`: the owner is
            stopping or no longer trusts its lease, and the message returns to its place.
    """

    wait: timedelta | None = None


Outcome = Delivered | Failed | NotStarted


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a message was not delivered, as it remembers it.

    Attributes:
        at: when that was clear.
        reason: why, for people and for logs.
        detail: what the receiver answered.
    """

    at: datetime
    reason: str
    detail: str = ""

    @classmethod
    def of(cls, reason: str, at: datetime, detail: str = "") -> Failure:
        """Returns a failure whose texts are short, and can be written down as UTF-8."""
        return cls(at=at, reason=truncate(reason), detail=truncate(detail))


def truncate(text: str) -> str:
    """Returns as much of a stranger's text as a message keeps, so that it can be written down as UTF-8."""
    return text[:REMEMBERED_CHARS].encode(errors="backslashreplace").decode() if text else text
