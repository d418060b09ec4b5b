"""Reads cron expressions with cronsim, which was written to agree with Debian's cron.

cronsim only computes local times here. `Recurrence` turns them into points in time, because cronsim's own rule for
changes of the clock does not cover expressions of six fields.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from cronsim import CronSim, CronSimError

from ...domain.errors import InvalidCronError
from ...domain.time.local_time import parse_timezone
from ...domain.time.recurrence import Recurrence

MAX_CRON_CHARS = 200
"""More than any expression needs that a person can read."""
MAX_CACHED_EXPRESSIONS = 1000
_EXPECTED = "write minute, hour, day of month, month and day of week, such as 0 9 * * 1-5, or seconds before these"
_FIELD_NAMES = {"day-of-month": "day of month", "day-of-week": "day of week"}
_FIVE_FIELDS = 5
_ANY_TIME = datetime(2000, 1, 1)  # noqa: DTZ001  # a local time
_CRONSIM_ERRORS = (
    CronSimError,
    # cronsim raises these for a last or an n-th day of week that is in a range or has a step.
    AssertionError,
    TypeError,
    ValueError,
)


class CronsimReader:
    """Reads expressions with cronsim, and caches those that it has read."""

    def __init__(self) -> None:
        self._read = lru_cache(MAX_CACHED_EXPRESSIONS)(_read)

    def read(self, cron: str, timezone: str) -> Recurrence:
        """Returns the times at which the expression occurs in the time zone."""
        return self._read(cron, timezone)


class CronsimPattern:
    """A cron expression as local times."""

    def __init__(self, cron: str) -> None:
        self._cron = cron
        fields = cron.split()
        hour_and_minute = fields[-_FIVE_FIELDS : -_FIVE_FIELDS + 2]
        self.keeps_real_time = any(field.startswith("*") for field in hour_and_minute)

    def next_after(self, local: datetime) -> datetime | None:
        """Returns the first later local time of the expression; `None` if there is none within 50 years."""
        try:
            return next(CronSim(self._cron, local), None)
        except ValueError as error:  # datetime raises it after the year 9999
            raise OverflowError(str(error)) from error


def _read(cron: str, timezone: str) -> Recurrence:
    _require_valid(cron)
    return Recurrence(CronsimPattern(cron), parse_timezone(timezone))


def _require_valid(cron: str) -> None:
    if len(cron) > MAX_CRON_CHARS or not cron.isascii():
        raise InvalidCronError(cron, f"has more than {MAX_CRON_CHARS} characters, or some that are not ASCII")
    if (error := _error_in(cron)) is None:
        return
    field = error.removeprefix("Bad ")
    if field == error:
        raise InvalidCronError(cron, f"does not have five or six fields: {_EXPECTED}")
    if field == "day-of-month" and _error_in(_in_any_month(cron)) is None:
        raise InvalidCronError(cron, "never occurs: none of its months has such a day")
    raise InvalidCronError(cron, f"has an invalid {_FIELD_NAMES.get(field, field)}: {_EXPECTED}")


def _error_in(cron: str) -> str | None:
    """Returns cronsim's error for an expression: `Bad` and the name of the field, if one field is wrong."""
    try:
        CronSim(cron, _ANY_TIME)
    except _CRONSIM_ERRORS as error:
        return str(error) if isinstance(error, CronSimError) else "Bad day-of-week"
    return None


def _in_any_month(cron: str) -> str:
    fields = cron.split()
    return " ".join((*fields[:-2], "*", fields[-1]))
