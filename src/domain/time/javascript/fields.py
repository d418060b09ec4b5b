"""From the fields of a time as they are written to the instant that they mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

Fields = dict[str, str | None]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_ZONE_HOURS: Mapping[str, int] = {
    **dict.fromkeys(("Z", "UT", "UTC", "GMT", "+0000 UTC"), 0),
    "EDT": -4,
    **dict.fromkeys(("EST", "CDT"), -5),
    **dict.fromkeys(("CST", "MDT"), -6),
    **dict.fromkeys(("MST", "PDT"), -7),
    "PST": -8,
}


def instant_of(fields: Fields, zone: tzinfo) -> datetime:
    """Returns the instant in UTC; fields that are absent are the least they can be.

    A local time that a clock change skips or repeats is read with the offset that held before the change, as
    V8 reads it: that is what a `datetime` whose `fold` is 0 means.

    Raises:
        ValueError: there is no such day, time or offset; says why.
        OverflowError: the instant is outside the years 1 to 9999.
    """
    return _local_time(fields).replace(tzinfo=_written_zone(fields) or zone).astimezone(UTC)


def _local_time(fields: Fields) -> datetime:
    day = datetime(_number(fields, "year", 1), _month(fields), _number(fields, "day", 1))  # noqa: DTZ001
    clock = (_hour(fields), _number(fields, "minute", 0), _number(fields, "second", 0), _microsecond(fields))
    if clock == (24, 0, 0, 0):
        return day + timedelta(days=1)
    hour, minute, second, microsecond = clock
    return day.replace(hour=hour, minute=minute, second=second, microsecond=microsecond)


def _number(fields: Fields, name: str, absent: int) -> int:
    return int(fields.get(name) or absent)


def _month(fields: Fields) -> int:
    name = fields.get("month_name")
    return _MONTHS.index(name[:3].lower()) + 1 if name else _number(fields, "month", 1)


def _hour(fields: Fields) -> int:
    hour = _number(fields, "hour", 0)
    meridiem = fields.get("meridiem")
    if not meridiem:
        return hour
    if not 1 <= hour <= 12:  # noqa: PLR2004
        msg = "hour must be in 1..12 before AM or PM"
        raise ValueError(msg)
    return hour % 12 + (12 if meridiem.upper() == "PM" else 0)


def _microsecond(fields: Fields) -> int:
    """Returns the whole milliseconds of the fraction, as Date drops the rest."""
    return int((fields.get("fraction") or "0").ljust(3, "0")[:3]) * 1000


def _written_zone(fields: Fields) -> tzinfo | None:
    written = (fields.get("zone") or fields.get("zone_of_date") or "").strip().upper()
    if written in _ZONE_HOURS:
        return timezone(timedelta(hours=_ZONE_HOURS[written]))
    return timezone(_offset(written.removeprefix("GMT").removeprefix("UTC"))) if written else None


def _offset(written: str) -> timedelta:
    """Returns the length of `+3`, `+03`, `+5:30`, `+0530` or `+05:30`."""
    digits = written[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])  # noqa: PLR2004
    if int(hours) > 23 or int(minutes) > 59:  # noqa: PLR2004
        msg = "offset must be below 24 hours, its minutes in 0..59"
        raise ValueError(msg)
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return -offset if written[0] == "-" else offset
