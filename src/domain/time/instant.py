"""Instants: aware UTC datetimes in whole milliseconds, and their forms as numbers and as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
_MICROSECOND = timedelta(microseconds=1)


def to_ms(instant: datetime) -> int:
    """Returns the whole milliseconds since the start of 1970 in UTC, rounded down. Before it they are negative."""
    return (instant - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    """Returns the instant that is this many milliseconds after the start of 1970 in UTC.

    Raises:
        OverflowError: The instant is outside the years 1 to 9999.
    """
    # `timedelta(milliseconds=ms)` takes twice as long, and each delivery makes several instants.
    return EPOCH + ms * MILLISECOND


def truncate_to_ms(instant: datetime) -> datetime:
    """Returns the instant in UTC, rounded down to a whole millisecond.

    Raises:
        OverflowError: The instant is outside the years 1 to 9999 in UTC.
    """
    if instant.tzinfo is not UTC:
        return from_ms(to_ms(instant))
    # Nearly all instants are in UTC already. For them this takes half the time; accepting a message does it twice.
    excess = instant.microsecond % 1000
    return instant - excess * _MICROSECOND if excess else instant


def instant_after(instant: datetime, wait: timedelta) -> datetime:
    """Returns the instant after a wait, at most `LATEST`. A negative wait counts as none."""
    return truncate_to_ms(instant + min(max(wait, timedelta(0)), LATEST - instant))


@lru_cache(maxsize=1024)  # A response contains the same instant several times.
def to_rfc3339(instant: datetime) -> str:
    """Formats an instant as RFC 3339 in UTC with milliseconds: `2026-12-24T17:00:00.000Z`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
