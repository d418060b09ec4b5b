"""The clocks on the walls of a zone: what they show at a moment, and at which moment they show a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

_SECOND = timedelta(seconds=1)
_MIN_PERIOD = timedelta(hours=12)
"""No zone changes its clocks and changes them back within that time."""


class WallClock:
    """Turns moments, in UTC, into local times, which are datetimes without a zone, and back.

    Each method raises `OverflowError` beyond the years 1 to 9999.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def offset_at(self, moment: datetime) -> timedelta:
        """Returns by how much the clocks are ahead of UTC at a moment."""
        return moment.astimezone(self._zone).utcoffset() or timedelta(0)

    def local_at(self, moment: datetime) -> datetime:
        """Returns what the clocks show at a moment."""
        return moment.replace(tzinfo=None) + self.offset_at(moment)

    def moment_of(self, local: datetime) -> datetime:
        """Returns when the clocks show a time: of two moments the first; of none the one when they leap over it.

        So 02:30 is 03:00 on the night in which 03:00 follows upon 02:00.
        """
        by_offset_before = self._by_offset(local, fold=0)
        if self.local_at(by_offset_before) == local:
            return by_offset_before
        return self._change_between(self._by_offset(local, fold=1), by_offset_before)

    def first_change(self, after: datetime, until: datetime) -> datetime | None:
        """Returns when the clocks are first changed, later than the one moment and not later than the other."""
        while after < until:
            then = min(after + _MIN_PERIOD, until)
            if self.offset_at(then) != self.offset_at(after):
                return self._change_between(after, then)
            after = then
        return None

    def _by_offset(self, local: datetime, fold: int) -> datetime:
        offset = self._zone.utcoffset(local.replace(tzinfo=self._zone, fold=fold)) or timedelta(0)
        return (local - offset).replace(tzinfo=UTC)

    def _change_between(self, before: datetime, after: datetime) -> datetime:
        """Returns when the offset of the one moment gives way to another; clocks are changed at whole seconds."""
        before, old = before.replace(microsecond=0), self.offset_at(before)
        while after - before > _SECOND:
            middle = before + (after - before) // _SECOND // 2 * _SECOND
            if self.offset_at(middle) == old:
                before = middle
            else:
                after = middle
        return after
