"""Which occurrences of a schedule are to be written, as messages, and what the schedule waits for then."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ...domain.errors import InvalidCronError, NoOccurrenceError
from ...domain.schedules.timetable import Timetable, begin_by, due_occurrences
from ..ports.id_generator import partition_in
from ..ports.schedule_store import ScheduleUpdate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ...domain.messages.message import Message
    from ...domain.schedules.schedule import Schedule
    from ..ports.cron_reader import CronReader
    from ..ports.id_generator import IdGenerator
    from ..ports.schedule_store import StoredSchedule

MAX_OCCURRENCES_PER_UPDATE = 500
"""Occurrences that one step writes. What is left is for the next one, so that no step takes long."""
MAX_BYTES_PER_UPDATE = 4_194_304
"""Of their bodies, but for a single one."""


class Occurrences:
    """Makes the steps of schedules. Between two of them exactly one occurrence waits, or none is left."""

    def __init__(self, cron: CronReader, ids: IdGenerator) -> None:
        self._cron = cron
        self._ids = ids

    def timetable_of(self, schedule: Schedule) -> Timetable:
        """Returns when a schedule occurs.

        Raises:
            InvalidCronError: its expression cannot be read.
            UnknownTimezoneError: its zone is not known here.
        """
        recurrence = self._cron.read(schedule.cron, schedule.timezone)
        return Timetable(recurrence, schedule.starts_at, schedule.ends_at)

    def check(self, schedule: Schedule, now: datetime) -> None:
        """Refuses a schedule that would never occur again.

        Raises:
            InvalidCronError: its expression cannot be read, or never comes true.
            UnknownTimezoneError: its zone is not known here.
            NoOccurrenceError: it comes true, but not between its start, or now, and its end.
        """
        self.check_pattern(schedule, now)
        if self.timetable_of(schedule).next_after(now) is None:
            raise NoOccurrenceError(schedule.cron)

    def check_pattern(self, schedule: Schedule, now: datetime) -> None:
        """Refuses a schedule that would never occur, whatever its start and its end.

        Raises:
            InvalidCronError: its expression cannot be read, or never comes true.
            UnknownTimezoneError: its zone is not known here.
        """
        if self._cron.read(schedule.cron, schedule.timezone).next_after(now) is None:
            raise InvalidCronError(schedule.cron, "never comes true")

    def next_of(self, kept: StoredSchedule, schedule: Schedule, now: datetime) -> ScheduleUpdate:
        """Returns the step from a schedule as it is kept to another version of it, which waits for its own next.

        What waits until then is withdrawn. An occurrence that does not wait, because it is under way already or
        was cancelled by itself, is not made again.
        """
        last_at = self.last_of(kept)
        timetable = self.timetable_of(schedule)
        upcoming = timetable.next_after(now if last_at is None else max(now, last_at))
        messages = self._messages(schedule, timetable, [] if upcoming is None else [upcoming], now)
        return ScheduleUpdate(
            schedule=schedule.waiting_for(messages[-1] if messages else None, last_at),
            occurrences=messages,
            withdrawn=self.withdrawn_of(kept, now),
        )

    def following(self, schedule: Schedule, now: datetime) -> ScheduleUpdate:
        """Returns the step of a schedule whose next occurrence has come: all that is due, and what comes then.

        Where very much is due, it is only some of that, and what the schedule waits for then has come already.
        """
        timetable = self.timetable_of(schedule)
        most = max(min(MAX_OCCURRENCES_PER_UPDATE, MAX_BYTES_PER_UPDATE // len(schedule.template.body)), 1)
        moments = list(islice(due_occurrences(schedule, timetable, now), most))
        let_go = [moment for moment in (schedule.next_at, *moments) if moment is not None]
        if len(moments) == most:
            upcoming: datetime | None = let_go.pop()
        else:
            upcoming = timetable.next_after(max(now, let_go[-1]))
            moments += [] if upcoming is None else [upcoming]
        messages = self._messages(schedule, timetable, moments, now)
        next_one = None if upcoming is None else messages[-1]
        return ScheduleUpdate(schedule=schedule.waiting_for(next_one, let_go[-1]), occurrences=messages)

    @staticmethod
    def last_of(kept: StoredSchedule) -> datetime | None:
        """Returns when the last occurrence was, or is, that a schedule has let go."""
        schedule = kept.schedule
        return schedule.last_at if kept.waiting is not None or schedule.next_at is None else schedule.next_at

    @staticmethod
    def withdrawn_of(kept: StoredSchedule, now: datetime) -> Message | None:
        """Returns the occurrence that waits, as cancelled."""
        return None if kept.waiting is None else kept.waiting.cancelled(now)

    def _messages(
        self, schedule: Schedule, timetable: Timetable, moments: Sequence[datetime], now: datetime
    ) -> Sequence[Message]:
        """Returns the messages of occurrences that follow one another."""
        if not moments:
            return []
        partition = partition_in(self._ids, schedule.id)
        followings = [*moments[1:], timetable.next_after(moments[-1])]
        return [
            schedule.occurrence(
                self._ids.next(now, partition), at, now, begin_by(schedule.missed, at, now, following)
            )
            for at, following in zip(moments, followings, strict=True)
        ]
