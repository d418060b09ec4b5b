"""Local times: times as the clocks of a zone show them, and the instants that they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ..errors import InvalidTimeError, UnknownTimezoneError
from .wall_clock import WallClock

_FORMAT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?", re.ASCII)
_MAX_CHARS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTime:
    """A time as the clocks of a zone show it.

    Attributes:
        local: The local time: `2027-03-28T02:30`, optionally with seconds and milliseconds.
        timezone: The zone's name in the IANA database.
    """

    local: str
    timezone: str

    def to_instant(self) -> datetime:
        """Returns the instant in UTC at which the clocks show this time.

        Of a time that the clocks show twice, it is the first. A time that the clocks skip is the instant at which
        they are changed: on a night in which 03:00 follows 02:00, 02:30 means 03:00.

        Raises:
            UnknownTimezoneError: The IANA database has no such zone.
            InvalidTimeError: The text is not a local time, or its instant is outside the years 1 to 9999 in UTC.
        """
        clock, local = WallClock(parse_timezone(self.timezone)), _parse_local(self.local)
        try:
            return clock.instant_of(local)
        except OverflowError as error:
            raise InvalidTimeError(self.local, "is outside the years 1 to 9999, in UTC") from error


def parse_timezone(name: str) -> ZoneInfo:
    """Returns the time zone with this name.

    Raises:
        UnknownTimezoneError: The IANA database has no such zone.
    """
    try:
        return ZoneInfo(name[: _MAX_CHARS + 1])
    except (KeyError, OSError, ValueError) as error:
        raise UnknownTimezoneError(name) from error


def _parse_local(text: str) -> datetime:
    if not _FORMAT.fullmatch(text):
        raise InvalidTimeError(text[:_MAX_CHARS], "is not a local time such as 2027-03-28T02:30:00")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidTimeError(text, f"is a time that does not exist: {error}") from error
