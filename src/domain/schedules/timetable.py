"""The times of a schedule's occurrences, between its start and its end."""

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
    """The times of a schedule's occurrences: from its start to its end, both included."""

    def __init__(self, recurrence: Recurrence, starts_at: datetime | None, ends_at: datetime | None) -> None:
        self._recurrence = recurrence
        self._starts_at = starts_at
        self._ends_at = ends_at

    def next_after(self, instant: datetime) -> datetime | None:
        """Returns the first occurrence later than an instant. `None`: there is none."""
        if self._starts_at is not None:
            instant = max(instant, self._starts_at - MILLISECOND)
        found = self._recurrence.next_after(instant)
        if found is None or (self._ends_at is not None and found > self._ends_at):
            return None
        return found

    def after(self, instant: datetime) -> Iterator[datetime]:
        """Yields all occurrences later than an instant, in order."""
        found = self.next_after(instant)
        while found is not None:
            yield found
            found = self.next_after(found)

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yields the occurrences later than `after` and not later than `until`, in order."""
        for found in self.after(after):
            if found > until:
                return
            yield found

    def last_between(self, after: datetime, until: datetime) -> datetime | None:
        """Returns the last occurrence later than `after` and not later than `until`. `None`: there is none.

        It is found by bisection, so that even very many occurrences need only few steps.
        """
        last, empty_from = self._next_until(until, after), until
        while last is not None and self._next_until(until, last) is not None:
            middle = last + (empty_from - last) / 2
            found = self._next_until(until, middle)
            if found is None:
                empty_from = middle
            else:
                last = found
        return last

    def _next_until(self, until: datetime, after: datetime) -> datetime | None:
        found = self.next_after(after)
        return found if found is not None and found <= until else None


def due_occurrences(schedule: Schedule, timetable: Timetable, now: datetime) -> Iterator[datetime]:
    """Yields the occurrences after a schedule's next one that are due by now and are to be delivered, in order.

    An occurrence that is late by more than `MISSED_AFTER` was missed. `skip` leaves out missed occurrences. With
    `once`, the last due occurrence stands for all missed ones. `all` leaves out nothing, so this may yield very
    many.
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
    """Returns the latest time of the first attempt of an occurrence that is stored now. `None`: there is none.

    With `skip`, it is when the occurrence counts as missed. With `once`, it is not before the following occurrence
    is due, because the following one then stands for this one.

    Args:
        missed: What happens to missed occurrences.
        at: The time of the occurrence.
        now: The present.
        following: The time of the following occurrence. `None`: this is the last one.
    """
    missed_at = max(at, now) + MISSED_AFTER
    if missed is Missed.SKIP:
        return missed_at
    if missed is Missed.ONCE and following is not None:
        return max(missed_at, following - MILLISECOND)
    return None
