"""The occurrences that an update of a schedule adds as messages."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ...domain.schedules.timetable import begin_by, due_occurrences
from ..ports.id_generator import partition_in
from ..ports.schedule_store import ScheduleUpdate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ...domain.messages.message import Message
    from ...domain.schedules.schedule import Schedule
    from ...domain.schedules.timetable import Timetable
    from ..ports.id_generator import IdGenerator
    from ..ports.schedule_store import StoredSchedule
    from .timetables import Timetables

MAX_OCCURRENCES_PER_UPDATE = 500
"""How many occurrences one update adds.

The rest is left to the next update, so that no update blocks the store for long.
"""
MAX_BYTES_PER_UPDATE = 4_194_304
"""How many bytes of bodies one update adds. A single larger body is allowed."""


class Occurrences:
    """Makes the updates of schedules. After each, exactly one occurrence is waiting, or none is left."""

    def __init__(self, timetables: Timetables, ids: IdGenerator) -> None:
        self._timetables = timetables
        self._ids = ids

    def replace_next(self, stored: StoredSchedule, changed: Schedule, now: datetime) -> ScheduleUpdate:
        """Returns the update from a stored schedule to a changed one, which waits for its own next occurrence.

        The update cancels the occurrence that is waiting now. An occurrence that is not waiting, because it is
        being delivered or was cancelled on its own, is not made again.
        """
        last_at = stored.last_released_at
        timetable = self._timetables.of(changed)
        next_at = timetable.next_after(now if last_at is None else max(now, last_at))
        messages = self._messages(changed, timetable, [] if next_at is None else [next_at], now)
        return ScheduleUpdate(
            schedule=changed.waiting_for(messages[-1] if messages else None, last_at),
            occurrences=messages,
            cancelled=stored.cancelled(now),
        )

    def release_due(self, schedule: Schedule, now: datetime) -> ScheduleUpdate:
        """Returns the update that releases the due occurrence of a schedule and adds those that follow it.

        It adds every further occurrence that is due, and the first one that is not. If more occurrences are due
        than one update may add, it adds the first of them, and the schedule waits for one that is already due.
        """
        timetable = self._timetables.of(schedule)
        limit = max(min(MAX_OCCURRENCES_PER_UPDATE, MAX_BYTES_PER_UPDATE // len(schedule.template.body)), 1)
        added = list(islice(due_occurrences(schedule, timetable, now), limit))
        released = [at for at in (schedule.next_at, *added) if at is not None]
        if len(added) == limit:
            next_at: datetime | None = released.pop()
        else:
            next_at = timetable.next_after(max(now, released[-1]))
            added += [] if next_at is None else [next_at]
        messages = self._messages(schedule, timetable, added, now)
        waiting = None if next_at is None else messages[-1]
        return ScheduleUpdate(schedule=schedule.waiting_for(waiting, released[-1]), occurrences=messages)

    def _messages(
        self, schedule: Schedule, timetable: Timetable, times: Sequence[datetime], now: datetime
    ) -> Sequence[Message]:
        """Returns the messages of consecutive occurrences."""
        if not times:
            return []
        partition = partition_in(self._ids, schedule.id)
        following_times = [*times[1:], timetable.next_after(times[-1])]
        return [
            schedule.occurrence(
                self._ids.next(now, partition), at, now, begin_by(schedule.missed, at, now, following)
            )
            for at, following in zip(times, following_times, strict=True)
        ]
