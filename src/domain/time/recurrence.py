"""When a pattern of local times comes true in a zone, through all changes of its clocks.

The rule is that of Debian's cron. A *fixed* time, whose pattern names both hours and minutes, belongs to the day:
one that a change leaps over comes true right after the leap, and of two of the same name it is the first. One that
leaves hours or minutes open, such as every half hour, belongs to real time: it comes true whenever the clocks show
it, which is never in an hour that is left out, and twice in one that is repeated.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Protocol

from .wall_clock import WallClock

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

_MICROSECOND = timedelta(microseconds=1)


class LocalPattern(Protocol):
    """Times of day on days of the calendar, as clocks on a wall show them: datetimes without a zone."""

    @property
    def keeps_real_time(self) -> bool:
        """Whether it leaves hours or minutes open, so that what counts is the time that passes."""
        ...

    def next_after(self, local: datetime) -> datetime | None:
        """Returns the first time of the pattern that is later, in whole seconds; `None` if there is none."""
        ...


class Recurrence:
    """A pattern in a zone. The moments at which it comes true only grow, and none comes twice."""

    def __init__(self, pattern: LocalPattern, zone: tzinfo) -> None:
        self._pattern = pattern
        self._clock = WallClock(zone)

    def next_after(self, moment: datetime) -> datetime | None:
        """Returns, in UTC, the first moment later than that at which it comes true; `None` if it never does."""
        moment = moment.astimezone(UTC)
        try:
            if self._pattern.keeps_real_time:
                return self._next_by_real_time(moment)
            return self._next_fixed(moment)
        except OverflowError:  # beyond the year 9999
            return None

    def _next_fixed(self, moment: datetime) -> datetime | None:
        local: datetime | None = self._clock.local_at(moment)
        while local is not None and (local := self._pattern.next_after(local)) is not None:
            found = self._clock.moment_of(local)
            if found > moment:
                return found
        return None

    def _next_by_real_time(self, moment: datetime) -> datetime | None:
        local = self._clock.local_at(moment)
        while (found := self._pattern.next_after(local)) is not None:
            candidate = (found - self._clock.offset_at(moment)).replace(tzinfo=UTC)
            change = self._clock.first_change(moment, candidate)
            if change is None:
                return candidate
            moment = change
            # What the clocks show at the very moment of the change counts too.
            local = self._clock.local_at(change) - _MICROSECOND
        return None
