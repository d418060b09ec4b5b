"""The use case that accepts a schedule."""

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
    from .update_schedule import ScheduleUpdater


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSchedule:
    """What a client asks for; each field is the schedule's of the same name."""

    cron: str
    timezone: str
    template: Template
    missed: Missed = Missed.ONCE
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class CreateSchedule:
    """Accepts schedules: once it returns, the schedule and its first occurrence are in the store."""

    def __init__(
        self,
        changes: ScheduleUpdater,
        occurrences: Occurrences,
        ids: IdGenerator,
        channels: Channels,
        clock: Clock,
        prepare: Callable[[], Awaitable[None]],
    ) -> None:
        """Awaits `prepare` before it writes: what has to be so that the schedule is found by who delivers."""
        self._changes = changes
        self._occurrences = occurrences
        self._ids = ids
        self._channels = channels
        self._clock = clock
        self._prepare = prepare

    async def __call__(self, asked: NewSchedule) -> Schedule:
        """Accepts a schedule and returns it as stored.

        Raises:
            InvalidCronError: its expression cannot be read, or never comes true.
            UnknownTimezoneError: its zone is not known.
            NoOccurrenceError: it has no occurrence before its end.
            UnknownChannelError: nothing is registered for its destination.
            InvalidDestinationError: its channel will not deliver there.
            InvalidHeaderError: its messages may not carry such a header.
            InvalidTimeError: its start or end lies outside the years 1 to 9999.
            StoreUnavailableError: the store did not answer; whether it has the schedule is unknown.
            StoreFullError: the store has no room for it.
        """
        require_valid_headers(asked.template.headers)
        await self._channels.check(asked.template.to)
        now = truncate_to_ms(self._clock.now())
        self._occurrences.check(self._accept(asked, now), now)
        await self._prepare()
        while True:
            schedule = self._accept(asked, now)
            step = self._occurrences.next_of(StoredSchedule(schedule=schedule, waiting=None), schedule, now)
            if await self._changes.add(step):
                return step.schedule

    def _accept(self, asked: NewSchedule, now: datetime) -> Schedule:
        return Schedule(
            id=ScheduleId(self._ids.next(now)),
            template=asked.template,
            cron=asked.cron,
            timezone=asked.timezone,
            created_at=now,
            missed=asked.missed,
            starts_at=None if asked.starts_at is None else resolve_time(now, asked.starts_at),
            ends_at=None if asked.ends_at is None else resolve_time(now, asked.ends_at),
        )
