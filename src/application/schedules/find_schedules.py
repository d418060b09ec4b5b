"""The use case that finds schedules and previews their occurrences."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ...domain.errors import ScheduleNotFoundError
from ...domain.ids import ScheduleId
from ...domain.schedules.schedule import ScheduleStatus
from ...domain.time.instant import truncate_to_ms
from ..ports.schedule_store import SchedulePage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from ...domain.lease import Partition
    from ...domain.schedules.schedule import Schedule
    from ..ports.clock import Clock
    from ..ports.id_generator import IdGenerator
    from ..ports.schedule_store import ScheduleStore, StoredSchedule
    from .timetables import Timetables


class FindSchedules:
    """Finds schedules and previews their occurrences. Writes nothing."""

    def __init__(
        self,
        store: ScheduleStore,
        timetables: Timetables,
        ids: IdGenerator,
        partitions: Callable[[], Awaitable[Sequence[Partition]]],
        clock: Clock,
    ) -> None:
        self._store = store
        self._timetables = timetables
        self._ids = ids
        self._partitions = partitions
        self._clock = clock

    async def one(self, schedule_id: str) -> Schedule:
        """Returns a schedule as it is now.

        Raises:
            ScheduleNotFoundError: No schedule has this id.
            StoreUnavailableError: The store did not answer.
        """
        return (await self._get(schedule_id)).schedule

    async def page(self, limit: int, after: ScheduleId | None = None) -> SchedulePage:
        """Returns up to `limit` schedules of all partitions, in the order of acceptance, after the id `after`.

        A page may be shorter although others follow: `next` says whether.

        Raises:
            StoreUnavailableError: The store did not answer.
        """
        found: list[Schedule] = []
        ends: list[ScheduleId] = []
        for partition in await self._partitions():
            page = await self._store.page(partition, after, limit)
            found += page.schedules
            ends += [] if page.next is None else [page.next]
        # A partition with more pages may have schedules between the end of its page and those of other partitions.
        # So this page ends where the first of those pages ends.
        complete = sorted((it for it in found if not ends or it.id <= min(ends)), key=lambda it: it.id)
        if len(complete) > limit:
            return SchedulePage(schedules=complete[:limit], next=complete[limit - 1].id)
        return SchedulePage(schedules=complete, next=min(ends, default=None))

    async def preview(self, schedule_id: str, count: int) -> Sequence[datetime]:
        """Returns the next occurrences of a schedule; of a paused one, as if it were resumed now.

        Raises:
            ScheduleNotFoundError: No schedule has this id.
            StoreUnavailableError: The store did not answer.
        """
        stored = await self._get(schedule_id)
        if stored.schedule.status is ScheduleStatus.ENDED:
            return []
        last_at, now = stored.last_released_at, truncate_to_ms(self._clock.now())
        after = now if last_at is None else max(now, last_at)
        return list(islice(self._timetables.of(stored.schedule).after(after), count))

    async def _get(self, schedule_id: str) -> StoredSchedule:
        if self._ids.partition_of(schedule_id) is None:
            raise ScheduleNotFoundError(schedule_id)
        stored = await self._store.get(ScheduleId(schedule_id))
        if stored is None:
            raise ScheduleNotFoundError(schedule_id)
        return stored
