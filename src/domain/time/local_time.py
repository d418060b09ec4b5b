"""Times on a clock on the wall, and which moments they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ..errors import InvalidTimeError, UnknownTimezoneError
from .wall_clock import WallClock

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?", re.ASCII)
_MAX_NAME_CHARS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTime:
    """A time as the clocks of a zone show it.

    Attributes:
        local: `2027-03-28T02:30`, with seconds and milliseconds where they matter.
        timezone: the zone's name in the IANA database.
    """

    local: str
    timezone: str

    def moment(self) -> datetime:
        """Returns the moment in UTC: of a time that comes twice the first, of one that is skipped the one after.

        Where clocks go forward over it, that is the very moment at which they do: 02:30 on the night in which
        03:00 follows upon 02:00 is 03:00.

        Raises:
            UnknownTimezoneError: there is no such zone.
            InvalidTimeError: it is no time, or lies outside the years 1 to 9999 in UTC.
        """
        clock, wall = WallClock(zone_of(self.timezone)), _wall(self.local)
        try:
            return clock.moment_of(wall)
        except OverflowError as error:
            raise InvalidTimeError(self.local, "lies outside the years 1 to 9999, in UTC") from error


def zone_of(name: str) -> ZoneInfo:
    """Returns the zone of that name.

    Raises:
        UnknownTimezoneError: the IANA database has none.
    """
    try:
        return ZoneInfo(name[: _MAX_NAME_CHARS + 1])
    except (KeyError, OSError, ValueError) as error:
        raise UnknownTimezoneError(name) from error


def _wall(text: str) -> datetime:
    if not _FORM.fullmatch(text):
        raise InvalidTimeError(text[:_MAX_NAME_CHARS], "is not a local time such as 2027-03-28T02:30:00")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidTimeError(text, f"is a time that does not exist: {error}") from error
