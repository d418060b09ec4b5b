"""The use case that creates a schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...domain.ids import ScheduleId
from ...domain.messages.headers import require_valid_headers
from ...domain.schedules.schedule import Missed, Schedule, Template
from ...domain.time.instant import truncate_to_ms
from ...domain.time.resolve import resolve_time
from ..ports.schedule_store import StoredSchedule

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from ..channels import Channels
    from ..ports.clock import Clock
    from ..ports.id_generator import IdGenerator
    from .occurrences import Occurrences
    from .timetables import Timetables
    from .update_schedule import ScheduleUpdater


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSchedule:
    """What a client asks for; each field has the meaning of the schedule's field of that name."""

    cron: str
    timezone: str
    template: Template
    missed: Missed = Missed.ONCE
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class CreateSchedule:
    """Creates schedules. When it returns, the schedule and its first occurrence are in the store."""

    def __init__(
        self,
        updater: ScheduleUpdater,
        occurrences: Occurrences,
        timetables: Timetables,
        ids: IdGenerator,
        channels: Channels,
        clock: Clock,
        register_partitions: Callable[[], Awaitable[None]],
    ) -> None:
        """Creates the use case.

        Args:
            updater: Writes the schedule.
            occurrences: Makes its first occurrence.
            timetables: Checks its cron expression.
            ids: Makes its id and chooses its partition.
            channels: Check its destination.
            clock: Gives the time of acceptance.
            register_partitions: Registers the partitions of this instance. It is awaited before the schedule is
                written, so that the instances that deliver know its partition.
        """
        self._updater = updater
        self._occurrences = occurrences
        self._timetables = timetables
        self._ids = ids
        self._channels = channels
        self._clock = clock
        self._register_partitions = register_partitions

    async def __call__(self, new: NewSchedule) -> Schedule:
        """Creates a schedule and returns it as stored.

        Raises:
            InvalidCronError: Its expression cannot be read, or never occurs.
            UnknownTimezoneError: Its time zone is not known.
            NoOccurrenceError: It has no occurrence before its end.
            UnknownChannelError: No channel is registered for its destination.
            InvalidDestinationError: Its channel refuses the destination.
            InvalidHeaderError: Its messages may not have such a header.
            InvalidTimeError: Its start or end is outside the years 1 to 9999.
            StoreUnavailableError: The store did not answer. It is unknown whether the schedule was stored.
            StoreFullError: The store has no room for it.
        """
        require_valid_headers(new.template.headers)
        await self._channels.check(new.template.to)
        now = truncate_to_ms(self._clock.now())
        self._timetables.require_occurrence(self._schedule_of(new, now), now)
        await self._register_partitions()
        while True:
            schedule = self._schedule_of(new, now)
            unstored = StoredSchedule(schedule=schedule, waiting=None)
            update = self._occurrences.replace_next(unstored, schedule, now)
            if await self._updater.add(update):
                return update.schedule

    def _schedule_of(self, new: NewSchedule, now: datetime) -> Schedule:
        return Schedule(
            id=ScheduleId(self._ids.next(now)),
            template=new.template,
            cron=new.cron,
            timezone=new.timezone,
            created_at=now,
            missed=new.missed,
            starts_at=None if new.starts_at is None else resolve_time(now, new.starts_at),
            ends_at=None if new.ends_at is None else resolve_time(now, new.ends_at),
        )
