"""Reads cron expressions with cronsim, which was written to agree with Debian's cron.

It is asked for local times alone, and `Recurrence` turns these into moments: its own rule for changes of the clock
leaves out expressions of six fields.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from cronsim import CronSim, CronSimError

from ...domain.errors import InvalidCronError
from ...domain.time.local_time import parse_timezone
from ...domain.time.recurrence import Recurrence

MAX_CHARS = 200
"""More than any expression needs that a person can read."""
REMEMBERED = 1000
_WANTED = "write minute, hour, day of month, month and day of week, such as 0 9 * * 1-5, or seconds before these"
_NAMES = {"day-of-month": "day of month", "day-of-week": "day of week"}
_FIVE = 5
_ANY_TIME = datetime(2000, 1, 1)  # noqa: DTZ001  # a local time
_FAULTS = (
    CronSimError,
    # What it raises where a last or an n-th day stands in a range or before a step.
    AssertionError,
    TypeError,
    ValueError,
)


class CronsimReader:
    """Reads each expression once, as far as it remembers them."""

    def __init__(self) -> None:
        self._read = lru_cache(REMEMBERED)(_read)

    def read(self, cron: str, timezone: str) -> Recurrence:
        """Returns when the expression comes true in the zone."""
        return self._read(cron, timezone)


class CronsimPattern:
    """A cron expression as local times."""

    def __init__(self, cron: str) -> None:
        self._cron = cron
        fields = cron.split()
        hour_and_minute = fields[-_FIVE : -_FIVE + 2]
        self.keeps_real_time = any(field.startswith("*") for field in hour_and_minute)

    def next_after(self, local: datetime) -> datetime | None:
        """Returns the first local time later than that; `None` if there is none within 50 years."""
        try:
            return next(CronSim(self._cron, local), None)
        except ValueError as error:  # which the calendar raises behind its end
            raise OverflowError(str(error)) from error


def _read(cron: str, timezone: str) -> Recurrence:
    _require_cron(cron)
    return Recurrence(CronsimPattern(cron), parse_timezone(timezone))


def _require_cron(cron: str) -> None:
    if len(cron) > MAX_CHARS or not cron.isascii():
        raise InvalidCronError(cron, f"is not {MAX_CHARS} plain characters at most")
    if (fault := _fault_of(cron)) is None:
        return
    name = fault.removeprefix("Bad ")
    if name == fault:
        raise InvalidCronError(cron, f"has not five or six fields: {_WANTED}")
    if name == "day-of-month" and _fault_of(_in_any_month(cron)) is None:
        raise InvalidCronError(cron, "never comes true: none of its months has such a day")
    raise InvalidCronError(cron, f"cannot be read at its {_NAMES.get(name, name)}: {_WANTED}")


def _fault_of(cron: str) -> str | None:
    """Returns what is wrong with an expression, `Bad` and the name of the field if it is one field."""
    try:
        CronSim(cron, _ANY_TIME)
    except _FAULTS as error:
        return str(error) if isinstance(error, CronSimError) else "Bad day-of-week"
    return None


def _in_any_month(cron: str) -> str:
    fields = cron.split()
    return " ".join((*fields[:-2], "*", fields[-1]))
