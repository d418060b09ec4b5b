"""The outcome of one attempt to deliver a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

MAX_TEXT_CHARS = 1_200
"""How much of a reason or a receiver's answer a message keeps. Other people choose the length of such text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The channel delivered the message.

    Attributes:
        detail: What the receiver answered. It is stored with the message and nowhere else.
    """

    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The channel could not deliver the message.

    Attributes:
        reason: Why, for people and for logs. It contains no body and no secret.
        detail: What the receiver answered. It is stored with the message and nowhere else.
        retry_after: How long the receiver asked to wait. It overrides the message's own backoff.
        permanent: Whether another attempt is pointless, so that the message dies at once.
    """

    reason: str
    detail: str = ""
    retry_after: timedelta | None = None
    permanent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStarted:
    """The delivery was not started, so it does not count as an attempt.

    Attributes:
        wait: How long to postpone the message because its destination is too busy. `None`: the owner is stopping
            or no longer trusts its lease, and the message keeps its due time.
    """

    wait: timedelta | None = None


Outcome = Delivered | Failed | NotStarted


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a message was not delivered, as its history records it.

    Attributes:
        at: When the failure was known.
        reason: Why, for people and for logs.
        detail: What the receiver answered.
    """

    at: datetime
    reason: str
    detail: str = ""

    @classmethod
    def truncated(cls, reason: str, at: datetime, detail: str = "") -> Failure:
        """Returns a failure whose texts are truncated and can be encoded as UTF-8."""
        return cls(at=at, reason=truncate(reason), detail=truncate(detail))


def truncate(text: str) -> str:
    """Returns the first `MAX_TEXT_CHARS` characters of a text. Lone surrogates are escaped, as UTF-8 has none."""
    return text[:MAX_TEXT_CHARS].encode(errors="backslashreplace").decode() if text else text
