"""The timetables of schedules, read from their cron expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import InvalidCronError, NoOccurrenceError
from ...domain.schedules.timetable import Timetable

if TYPE_CHECKING:
    from datetime import datetime

    from ...domain.schedules.schedule import Schedule
    from ..ports.cron_reader import CronReader


class Timetables:
    """Reads and checks the timetables of schedules."""

    def __init__(self, cron: CronReader) -> None:
        self._cron = cron

    def of(self, schedule: Schedule) -> Timetable:
        """Returns the times at which a schedule occurs.

        Raises:
            InvalidCronError: Its expression cannot be read.
            UnknownTimezoneError: Its time zone is not known to this instance.
        """
        recurrence = self._cron.read(schedule.cron, schedule.timezone)
        return Timetable(recurrence, schedule.starts_at, schedule.ends_at)

    def require_occurrence(self, schedule: Schedule, now: datetime) -> None:
        """Requires that a schedule occurs at least once after `now`.

        Raises:
            InvalidCronError: Its expression cannot be read, or never occurs.
            UnknownTimezoneError: Its time zone is not known to this instance.
            NoOccurrenceError: It has no occurrence between its start, or now, and its end.
        """
        self.require_pattern(schedule, now)
        if self.of(schedule).next_after(now) is None:
            raise NoOccurrenceError(schedule.cron)

    def require_pattern(self, schedule: Schedule, now: datetime) -> None:
        """Requires that the expression of a schedule occurs after `now`, whatever its start and end are.

        Raises:
            InvalidCronError: Its expression cannot be read, or never occurs.
            UnknownTimezoneError: Its time zone is not known to this instance.
        """
        if self._cron.read(schedule.cron, schedule.timezone).next_after(now) is None:
            raise InvalidCronError(schedule.cron, "never occurs")
