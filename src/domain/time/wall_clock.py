"""The wall clocks of a time zone: what they show at an instant, and at which instant they show a local time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

_SECOND = timedelta(seconds=1)
_MIN_BETWEEN_TRANSITIONS = timedelta(hours=12)
"""No zone changes its clocks and changes them back within this time."""


class WallClock:
    """Converts instants, in UTC, to local times, which are datetimes without a zone, and back.

    A transition is an instant at which the zone changes its clocks. Each method raises `OverflowError` outside the
    years 1 to 9999.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def offset_at(self, instant: datetime) -> timedelta:
        """Returns by how much the clocks are ahead of UTC at an instant."""
        return instant.astimezone(self._zone).utcoffset() or timedelta(0)

    def local_at(self, instant: datetime) -> datetime:
        """Returns the local time that the clocks show at an instant."""
        return instant.replace(tzinfo=None) + self.offset_at(instant)

    def instant_of(self, local: datetime) -> datetime:
        """Returns the instant at which the clocks show a local time.

        Of a time that the clocks show twice, it is the first. Of a time that they skip, it is the transition: on a
        night in which 03:00 follows 02:00, 02:30 means 03:00.
        """
        by_earlier_offset = self._by_offset(local, fold=0)
        if self.local_at(by_earlier_offset) == local:
            return by_earlier_offset
        return self._transition_between(self._by_offset(local, fold=1), by_earlier_offset)

    def first_transition(self, after: datetime, until: datetime) -> datetime | None:
        """Returns the first transition later than `after` and not later than `until`. `None`: there is none."""
        while after < until:
            then = min(after + _MIN_BETWEEN_TRANSITIONS, until)
            if self.offset_at(then) != self.offset_at(after):
                return self._transition_between(after, then)
            after = then
        return None

    def _by_offset(self, local: datetime, fold: int) -> datetime:
        offset = self._zone.utcoffset(local.replace(tzinfo=self._zone, fold=fold)) or timedelta(0)
        return (local - offset).replace(tzinfo=UTC)

    def _transition_between(self, before: datetime, after: datetime) -> datetime:
        """Returns the transition between two instants, by bisection. Transitions are at whole seconds."""
        before, old_offset = before.replace(microsecond=0), self.offset_at(before)
        while after - before > _SECOND:
            middle = before + (after - before) // _SECOND // 2 * _SECOND
            if self.offset_at(middle) == old_offset:
                before = middle
            else:
                after = middle
        return after
