"""A schedule store whose commands tests can interrupt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from postdate.adapters.memory.schedule_store import MemoryScheduleStore

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from postdate.application.ports.schedule_store import (
        DueSchedules,
        SchedulePage,
        ScheduleUpdate,
        ScheduleWriteResult,
        StoredSchedule,
    )
    from postdate.domain.ids import ScheduleId
    from postdate.domain.lease import Partition
    from postdate.domain.messages.message import Message
    from postdate.domain.schedules.schedule import Schedule

T = TypeVar("T")


class Connection(Protocol):
    """The connection between a store adapter and its store."""

    async def through(self, name: str, call: Callable[[], Awaitable[T]], /) -> T:
        """Sends a command by its name, or fails to."""
        ...


class InterruptibleScheduleStore(MemoryScheduleStore):
    """A schedule store in memory, each of whose commands goes over a connection.

    `change` and `remove` are two commands, as they are in Redis: one that reads and one that writes.
    """

    def __init__(self, connection: Connection, *args: Any) -> None:  # noqa: ANN401  # those of the store
        super().__init__(*args)
        self._connection = connection
        self._direct = MemoryScheduleStore(*args)

    async def add(self, update: ScheduleUpdate) -> ScheduleWriteResult:
        return await self._connection.through("add", lambda: self._direct.add(update))

    async def get(self, schedule_id: ScheduleId) -> StoredSchedule | None:
        return await self._connection.through("get", lambda: self._direct.get(schedule_id))

    async def page(self, partition: Partition, after: ScheduleId | None, limit: int) -> SchedulePage:
        return await self._connection.through("page", lambda: self._direct.page(partition, after, limit))

    async def find_due(self, partition: Partition, limit: int) -> DueSchedules:
        return await self._connection.through("find_due", lambda: self._direct.find_due(partition, limit))

    async def write(self, partition: Partition, updates: Sequence[ScheduleUpdate]) -> ScheduleWriteResult:
        return await self._connection.through("write", lambda: self._direct.write(partition, updates))

    async def _remove(self, schedule: Schedule, cancelled: Message | None) -> bool:
        remove = super()._remove
        return await self._connection.through("remove", lambda: remove(schedule, cancelled))


class BeforeWriting:
    """A connection on which something else happens between a store's reading and its writing."""

    def __init__(self, happens: Callable[[], Awaitable[object]], *, again: bool = False) -> None:
        self._happens = happens
        self._again = again
        self._commands = 0

    async def through(self, _: str, call: Callable[[], Awaitable[T]], /) -> T:
        self._commands += 1
        is_writing = self._commands % 2 == 0
        if is_writing and (self._again or self._commands == 2):
            await self._happens()
        return await call()
