"""The use case that finds schedules and looks ahead."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ...domain.schedules.schedule import ScheduleStatus
from ...domain.time.instant import truncate_to_ms

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from ...domain.ids import ScheduleId
    from ...domain.lease import Partition
    from ...domain.schedules.schedule import Schedule
    from ..ports.clock import Clock
    from ..ports.schedule_store import ScheduleStore
    from .occurrences import Occurrences
    from .update_schedule import ScheduleUpdater


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePage:
    """Some of all schedules, in the order of their acceptance.

    Attributes:
        schedules: those of this page.
        next: what to ask for the next page with; `None`: this is the last.
    """

    schedules: Sequence[Schedule]
    next: ScheduleId | None


class FindSchedules:
    """Finds schedules and looks ahead at their occurrences. MessageUpdater nothing."""

    def __init__(
        self,
        store: ScheduleStore,
        changes: ScheduleUpdater,
        occurrences: Occurrences,
        partitions: Callable[[], Awaitable[Sequence[Partition]]],
        clock: Clock,
    ) -> None:
        self._store = store
        self._changes = changes
        self._occurrences = occurrences
        self._partitions = partitions
        self._clock = clock

    async def one(self, schedule_id: str) -> Schedule:
        """Returns a schedule as it is now.

        Raises:
            ScheduleNotFoundError: there is none of that id.
            StoreUnavailableError: the store did not answer.
        """
        return (await self._changes.get(schedule_id)).schedule

    async def page(self, limit: int, after: ScheduleId | None = None) -> SchedulePage:
        """Returns up to `limit` schedules accepted after the one of that id, from all partitions.

        It may be fewer, though others follow: `next` tells.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        found: list[Schedule] = []
        ends: list[ScheduleId] = []
        for partition in await self._partitions():
            page = await self._store.page(partition, after, limit)
            found += page.schedules
            ends += [] if page.next is None else [page.next]
        # Behind the end of the shortest page, some that come first may be missing.
        known = sorted((it for it in found if not ends or it.id <= min(ends)), key=lambda it: it.id)
        if len(known) > limit:
            return SchedulePage(schedules=known[:limit], next=known[limit - 1].id)
        return SchedulePage(schedules=known, next=min(ends, default=None))

    async def ahead(self, schedule_id: str, count: int) -> Sequence[datetime]:
        """Returns the next occurrences of a schedule; of a paused one, as if it were resumed now.

        Raises:
            ScheduleNotFoundError: there is none of that id.
            StoreUnavailableError: the store did not answer.
        """
        kept = await self._changes.get(schedule_id)
        if kept.schedule.status is ScheduleStatus.ENDED:
            return []
        last_at, now = self._occurrences.last_of(kept), truncate_to_ms(self._clock.now())
        after = now if last_at is None else max(now, last_at)
        return list(islice(self._occurrences.timetable_of(kept.schedule).after(after), count))
