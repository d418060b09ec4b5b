"""The instants at which a pattern of local times occurs in a time zone, through all changes of its clocks.

The rule is that of Debian's cron. A *fixed* time, whose pattern names both hours and minutes, occurs once a day: a
time that the clocks skip occurs right after the skip, and a time that they show twice occurs at the first. A
pattern that leaves hours or minutes open, such as every half hour, follows real time: it occurs whenever the
clocks show one of its times. It therefore does not occur in an hour that is skipped, and occurs twice in an hour
that is repeated.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Protocol

from .wall_clock import WallClock

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

_MICROSECOND = timedelta(microseconds=1)


class LocalPattern(Protocol):
    """A pattern of local times, as clocks show them: datetimes without a zone."""

    @property
    def keeps_real_time(self) -> bool:
        """Whether the pattern leaves hours or minutes open, so that it follows the time that really passes."""
        ...

    def next_after(self, local: datetime) -> datetime | None:
        """Returns the first time of the pattern that is later, in whole seconds. `None`: there is none."""
        ...


class Recurrence:
    """A pattern in a time zone. Its occurrences are distinct, and each is later than the one before."""

    def __init__(self, pattern: LocalPattern, zone: tzinfo) -> None:
        self._pattern = pattern
        self._clock = WallClock(zone)

    def next_after(self, instant: datetime) -> datetime | None:
        """Returns, in UTC, the first occurrence later than an instant. `None`: there is none."""
        instant = instant.astimezone(UTC)
        try:
            if self._pattern.keeps_real_time:
                return self._next_by_real_time(instant)
            return self._next_fixed(instant)
        except OverflowError:  # after the year 9999
            return None

    def _next_fixed(self, instant: datetime) -> datetime | None:
        local: datetime | None = self._clock.local_at(instant)
        while local is not None and (local := self._pattern.next_after(local)) is not None:
            found = self._clock.instant_of(local)
            if found > instant:
                return found
        return None

    def _next_by_real_time(self, instant: datetime) -> datetime | None:
        local = self._clock.local_at(instant)
        while (found := self._pattern.next_after(local)) is not None:
            candidate = (found - self._clock.offset_at(instant)).replace(tzinfo=UTC)
            transition = self._clock.first_transition(instant, candidate)
            if transition is None:
                return candidate
            instant = transition
            # The time that the clocks show at the very instant of the transition counts too.
            local = self._clock.local_at(transition) - _MICROSECOND
        return None
