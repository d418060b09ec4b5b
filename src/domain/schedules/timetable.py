"""When a schedule's occurrences are, between its start and its end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..time.instant import MILLISECOND
from .schedule import Missed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ..time.recurrence import Recurrence
    from .schedule import Schedule

MISSED_AFTER = timedelta(seconds=10)
"""How late an occurrence may be before it counts as missed."""


class Timetable:
    """The occurrences of a schedule: none before its start, none after its end, both included."""

    def __init__(self, recurrence: Recurrence, starts_at: datetime | None, ends_at: datetime | None) -> None:
        self._recurrence = recurrence
        self._starts_at = starts_at
        self._ends_at = ends_at

    def next_after(self, moment: datetime) -> datetime | None:
        """Returns the first occurrence later than that; `None` if there is none."""
        if self._starts_at is not None:
            moment = max(moment, self._starts_at - MILLISECOND)
        found = self._recurrence.next_after(moment)
        if found is None or (self._ends_at is not None and found > self._ends_at):
            return None
        return found

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Yields all occurrences later than that, in order."""
        found = self.next_after(moment)
        while found is not None:
            yield found
            found = self.next_after(found)

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yields the occurrences later than the one moment and not later than the other, in order."""
        for found in self.after(after):
            if found > until:
                return
            yield found

    def last_between(self, after: datetime, until: datetime) -> datetime | None:
        """Returns the last of those, in a few looks however many there are; `None` if there is none."""
        last, empty_from = self._by(until, after), until
        while last is not None and self._by(until, last) is not None:
            middle = last + (empty_from - last) / 2
            found = self._by(until, middle)
            if found is None:
                empty_from = middle
            else:
                last = found
        return last

    def _by(self, until: datetime, after: datetime) -> datetime | None:
        found = self.next_after(after)
        return found if found is not None and found <= until else None


def due_of(schedule: Schedule, timetable: Timetable, now: datetime) -> Iterator[datetime]:
    """Yields what is due by now behind a schedule's next occurrence, as far as it is to be delivered, in order.

    What is late by more than `MISSED_AFTER` was missed. With `skip` it is left out. With `once` the last of what
    is due stands for all that was missed. With `all` nothing is left out, so this may yield very many.
    """
    since = schedule.next_at
    if since is None:
        return
    if schedule.missed is Missed.ALL:
        yield from timetable.between(since, now)
        return
    recent = list(timetable.between(max(since, now - MISSED_AFTER - MILLISECOND), now))
    if not recent and schedule.missed is Missed.ONCE:
        last = timetable.last_between(since, now)
        recent = [] if last is None else [last]
    yield from recent


def begin_by(missed: Missed, at: datetime, now: datetime, following: datetime | None) -> datetime | None:
    """Returns when it is too late to begin with an occurrence that is written now; `None` if it never is.

    With `skip` that is when it counts as missed. With `once` it is not before the following one is due, which then
    stands for it.
    """
    missed_at = max(at, now) + MISSED_AFTER
    if missed is Missed.SKIP:
        return missed_at
    if missed is Missed.ONCE and following is not None:
        return max(missed_at, following - MILLISECOND)
    return None
