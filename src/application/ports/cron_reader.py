"""The port that reads cron expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ...domain.time.recurrence import Recurrence


class CronReader(Protocol):
    """Turns a cron expression in a time zone into points in time."""

    def read(self, cron: str, timezone: str) -> Recurrence:
        """Returns the times at which the expression occurs in the time zone.

        The expression has five fields: minute, hour, day of month, month, day of week. Or it has six, the first of
        which is seconds. If both day of month and day of week are restricted, a day that matches either one
        matches, as in cron.

        Raises:
            InvalidCronError: The expression cannot be read, or none of its months has such a day.
            UnknownTimezoneError: The IANA database has no time zone of that name.
        """
        ...
