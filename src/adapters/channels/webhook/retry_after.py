"""What a receiver asks for that has no time now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=30)
"""A longer wait is shortened to this, as no receiver means it."""
_MAX_DIGITS = 12


def parse_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Reads the value of `Retry-After`: seconds, or a date; one that is past means at once.

    Returns `None` if there is none, or none that can be understood.
    """
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        return LONGEST if len(text) > _MAX_DIGITS else min(timedelta(seconds=int(text)), LONGEST)
    try:
        moment = parsedate_to_datetime(text)
        # Without a zone it is in GMT, as HTTP has it.
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), LONGEST)
