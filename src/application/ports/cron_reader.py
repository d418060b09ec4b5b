"""The port that reads cron expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ...domain.time.recurrence import Recurrence


class CronReader(Protocol):
    """Turns a cron expression and the name of a zone into moments."""

    def read(self, cron: str, timezone: str) -> Recurrence:
        """Returns when the expression comes true in the zone.

        It has five fields: minute, hour, day of month, month, day of week; or six, of which the first is seconds.
        Where both days are restricted, either will do, as in cron.

        Raises:
            InvalidCronError: it cannot be read, or names a day that no month has.
            UnknownTimezoneError: the IANA database has no zone of that name.
        """
        ...
