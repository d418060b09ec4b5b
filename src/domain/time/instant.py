"""Instants: aware UTC datetimes of whole milliseconds, and how they are written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
_MICROSECOND = timedelta(microseconds=1)


def to_ms(moment: datetime) -> int:
    """Returns the whole milliseconds since 1970 in UTC, rounded down; negative before."""
    return (moment - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    """Returns the instant that many milliseconds after the start of 1970 in UTC.

    Raises:
        OverflowError: it lies outside the years 1 to 9999.
    """
    # Not `timedelta(milliseconds=ms)`, which takes twice as long, and each delivery makes several.
    return EPOCH + ms * MILLISECOND


def truncate_to_ms(moment: datetime) -> datetime:
    """Returns the same instant in UTC, without what is finer than a millisecond."""
    if moment.tzinfo is not UTC:
        return from_ms(to_ms(moment))
    # What is in UTC already, as nearly all is, takes half the time like this; accepting a message does it twice.
    finer = moment.microsecond % 1000
    return moment - finer * _MICROSECOND if finer else moment


def instant_after(moment: datetime, wait: timedelta) -> datetime:
    """Returns the instant that much later, or the latest there is; a negative wait is none."""
    return truncate_to_ms(moment + min(max(wait, timedelta(0)), LATEST - moment))


@lru_cache(maxsize=1024)  # an answer has the same moment several times
def to_rfc3339(moment: datetime) -> str:
    """Writes an instant as RFC 3339 in UTC with milliseconds: `2026-12-24T17:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
