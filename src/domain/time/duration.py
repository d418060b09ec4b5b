"""Durations as text: ISO 8601 (`PT1.5S`) and a short form (`1h30m`)."""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction

from ..errors import InvalidDurationError

_MAX_CHARS = 100

_MICROSECONDS = {
    "weeks": 604_800_000_000,
    "days": 86_400_000_000,
    "hours": 3_600_000_000,
    "minutes": 60_000_000,
    "seconds": 1_000_000,
    "milliseconds": 1000,
}


def _count(unit: str, symbol: str) -> str:
    return rf"(?:(?P<{unit}>[0-9]+(?:\.[0-9]+)?){symbol})?"


# Neither form has years and months, which have no fixed length, nor a decimal comma: 1,500ms would be ambiguous.
_ISO = re.compile(
    "P(?=[0-9T])"
    + _count("weeks", "W")
    + _count("days", "D")
    + "(?:T(?=[0-9])"
    + _count("hours", "H")
    + _count("minutes", "M")
    + _count("seconds", "S")
    + ")?"
)
_SHORT = re.compile(
    "(?=[0-9])"
    + _count("weeks", "w")
    + _count("days", "d")
    + _count("hours", "h")
    + _count("minutes", "m")
    + _count("seconds", "s")
    + _count("milliseconds", "ms")
)


def parse_duration(text: str) -> timedelta:
    """Parses a duration, rounded down to whole microseconds. No duration is negative.

    Raises:
        InvalidDurationError: The text is in neither form, or the duration is too long for a `timedelta`.
    """
    match = len(text) <= _MAX_CHARS and (_ISO.fullmatch(text) or _SHORT.fullmatch(text))
    if not match:
        raise InvalidDurationError(text[:_MAX_CHARS])
    # A float would lose the microseconds of long durations.
    total = sum(Fraction(count or 0) * _MICROSECONDS[unit] for unit, count in match.groupdict().items())
    try:
        return timedelta(microseconds=int(total))
    except OverflowError as error:
        raise InvalidDurationError(text) from error


def format_duration(duration: timedelta) -> str:
    """Returns a duration in ISO 8601, such as `P1DT2H` or `PT1.5S`. `parse_duration` returns the same duration.

    Raises:
        InvalidDurationError: The duration is negative.
    """
    if duration < timedelta(0):
        raise InvalidDurationError(duration)
    days = f"{duration.days}D" if duration.days else ""
    clock = _format_clock(duration - timedelta(days=duration.days))
    return f"P{days}T{clock}" if clock else f"P{days or 'T0S'}"


def _format_clock(below_a_day: timedelta) -> str:
    minutes, seconds = divmod(below_a_day.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{below_a_day.microseconds:06}".rstrip("0").rstrip(".")
    counts = (f"{hours}H", f"{minutes}M", f"{seconds}{fraction}S")
    return "".join(count for count in counts if count not in {"0H", "0M", "0S"})
