"""A schedule store that tests put something in front of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from postdate.application.ports.schedule_store import (
        Planned,
        SchedulePage,
        ScheduleStore,
        ScheduleUpdate,
        StoredSchedule,
        WriteResult,
    )
    from postdate.domain.ids import ScheduleId
    from postdate.domain.lease import Partition
    from postdate.domain.messages.message import Message
    from postdate.domain.schedules.schedule import Schedule

T = TypeVar("T")


class Way(Protocol):
    """What lies between a caller and its store."""

    async def through(self, name: str, call: Callable[[], Awaitable[T]], /) -> T:
        """Makes the call, or does not."""
        ...


class ScheduleStoreOver:
    """A schedule store beyond something that each call goes through."""

    def __init__(self, store: ScheduleStore, way: Way) -> None:
        self._store = store
        self._way = way

    async def add(self, step: ScheduleUpdate) -> WriteResult:
        return await self._way.through("add", lambda: self._store.add(step))

    async def get(self, schedule_id: ScheduleId) -> StoredSchedule | None:
        return await self._way.through("get", lambda: self._store.get(schedule_id))

    async def page(self, partition: Partition, after: ScheduleId | None, limit: int) -> SchedulePage:
        return await self._way.through("page", lambda: self._store.page(partition, after, limit))

    async def planned(self, partition: Partition, limit: int) -> Planned:
        return await self._way.through("planned", lambda: self._store.planned(partition, limit))

    async def change(self, step: ScheduleUpdate) -> WriteResult:
        return await self._way.through("change", lambda: self._store.change(step))

    async def write(self, partition: Partition, steps: Sequence[ScheduleUpdate]) -> WriteResult:
        return await self._way.through("write", lambda: self._store.write(partition, steps))

    async def remove(self, schedule: Schedule, withdrawn: Message | None) -> WriteResult:
        return await self._way.through("remove", lambda: self._store.remove(schedule, withdrawn))
