"""The header `Retry-After`: when a receiver asks to be tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MAX_RETRY_AFTER = timedelta(days=30)
"""A longer wait is shortened to this: no receiver means it."""
_MAX_DIGITS = 12


def parse_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Parses the value of `Retry-After`: a number of seconds, or a date. A date in the past is no wait.

    Returns:
        The wait; `None` if the header is missing or invalid.
    """
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        return MAX_RETRY_AFTER if len(text) > _MAX_DIGITS else min(timedelta(seconds=int(text)), MAX_RETRY_AFTER)
    try:
        date = parsedate_to_datetime(text)
        # HTTP defines that a date without a zone is in GMT.
        wait = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), MAX_RETRY_AFTER)
