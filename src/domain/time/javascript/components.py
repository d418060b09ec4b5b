"""Computes the instant that the components of a written time mean: year, month, day, hour and so on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

Components = dict[str, str | None]
"""The text of each component by its name. `None`: the text has no such component."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_ZONE_HOURS: Mapping[str, int] = {
    **dict.fromkeys(("Z", "UT", "UTC", "GMT", "+0000 UTC"), 0),
    "EDT": -4,
    **dict.fromkeys(("EST", "CDT"), -5),
    **dict.fromkeys(("CST", "MDT"), -6),
    **dict.fromkeys(("MST", "PDT"), -7),
    "PST": -8,
}


def to_instant(components: Components, zone: tzinfo) -> datetime:
    """Returns the instant in UTC. A missing component has its lowest value.

    A local time that a change of the clocks skips or repeats has the offset from before the change, as in V8. A
    `datetime` with a `fold` of 0 means the same.

    Args:
        components: The components of the time.
        zone: The time zone of a time that names none.

    Raises:
        ValueError: There is no such day, time or offset. The error's text says why.
        OverflowError: The instant is outside the years 1 to 9999.
    """
    return _local_time(components).replace(tzinfo=_named_zone(components) or zone).astimezone(UTC)


def _local_time(components: Components) -> datetime:
    year, month, day = _number(components, "year", 1), _month(components), _number(components, "day", 1)
    date = datetime(year, month, day)  # noqa: DTZ001  # a local time
    hour, minute, second = _hour(components), _number(components, "minute", 0), _number(components, "second", 0)
    microsecond = _microsecond(components)
    if (hour, minute, second, microsecond) == (24, 0, 0, 0):
        return date + timedelta(days=1)
    return date.replace(hour=hour, minute=minute, second=second, microsecond=microsecond)


def _number(components: Components, name: str, default: int) -> int:
    return int(components.get(name) or default)


def _month(components: Components) -> int:
    name = components.get("month_name")
    return _MONTHS.index(name[:3].lower()) + 1 if name else _number(components, "month", 1)


def _hour(components: Components) -> int:
    hour = _number(components, "hour", 0)
    meridiem = components.get("meridiem")
    if not meridiem:
        return hour
    if not 1 <= hour <= 12:  # noqa: PLR2004
        msg = "hour must be in 1..12 before AM or PM"
        raise ValueError(msg)
    return hour % 12 + (12 if meridiem.upper() == "PM" else 0)


def _microsecond(components: Components) -> int:
    """Returns the fraction of the second in whole milliseconds, as microseconds. `Date` drops the rest too."""
    return int((components.get("fraction") or "0").ljust(3, "0")[:3]) * 1000


def _named_zone(components: Components) -> tzinfo | None:
    name = (components.get("zone") or components.get("zone_of_date") or "").strip().upper()
    if name in _ZONE_HOURS:
        return timezone(timedelta(hours=_ZONE_HOURS[name]))
    return timezone(_parse_offset(name.removeprefix("GMT").removeprefix("UTC"))) if name else None


def _parse_offset(text: str) -> timedelta:
    """Returns the offset that `+3`, `+03`, `+5:30`, `+0530` or `+05:30` means."""
    digits = text[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])  # noqa: PLR2004
    if int(hours) > 23 or int(minutes) > 59:  # noqa: PLR2004
        msg = "offset must be below 24 hours, its minutes in 0..59"
        raise ValueError(msg)
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return -offset if text[0] == "-" else offset
