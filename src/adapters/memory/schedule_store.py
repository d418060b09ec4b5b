"""The schedule store in this process's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...application.ports.id_generator import partition_in
from ...application.ports.schedule_store import (
    MAX_CHANGE_TRIES,
    DueSchedules,
    ScheduleChangeResult,
    SchedulePage,
    ScheduleRemoval,
    ScheduleUpdate,
    ScheduleWriteResult,
    StoredSchedule,
)
from ...domain.errors import StoreUnavailableError
from ...domain.messages.status import Status
from ...domain.retention import DEFAULT_RETENTION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...application.ports.clock import Clock
    from ...application.ports.id_generator import IdGenerator
    from ...domain.ids import ScheduleId
    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from ...domain.retention import Retention
    from ...domain.schedules.schedule import Schedule
    from .partitions import MemoryPartition, MemoryPartitions


class MemoryScheduleStore:
    """Stores schedules beside the messages of the partitions that it is given."""

    def __init__(
        self,
        partitions: MemoryPartitions,
        ids: IdGenerator,
        clock: Clock,
        retention: Retention = DEFAULT_RETENTION,
    ) -> None:
        self._partitions = partitions
        self._ids = ids
        self._clock = clock
        self._retention = retention

    async def add(self, update: ScheduleUpdate) -> ScheduleWriteResult:
        """Writes a schedule and its first occurrence."""
        return self._write(self._partition_of(update.schedule.id), [update])

    async def get(self, schedule_id: ScheduleId) -> StoredSchedule | None:
        """Returns the schedule as it is now."""
        partition = self._partition_of(schedule_id)
        schedule = partition.schedules.get(schedule_id)
        if schedule is None:
            return None
        message = partition.messages.get(schedule.next_id) if schedule.next_id is not None else None
        is_waiting = message is not None and message.status is Status.SCHEDULED
        return StoredSchedule(schedule=schedule, waiting=message if is_waiting else None)

    async def page(self, partition: Partition, after: ScheduleId | None, limit: int) -> SchedulePage:
        """Returns schedules in the order of their ids."""
        schedules = self._partitions[partition].schedules
        ids = sorted(schedule_id for schedule_id in schedules if after is None or schedule_id > after)
        page = [schedules[schedule_id] for schedule_id in ids[:limit]]
        return SchedulePage(schedules=page, next=page[-1].id if len(ids) > limit else None)

    async def find_due(self, partition: Partition, limit: int) -> DueSchedules:
        """Returns the schedules whose next occurrence is due."""
        now = self._clock.now()
        active = sorted(
            (schedule.next_at, schedule.id, schedule)
            for schedule in self._partitions[partition].schedules.values()
            if schedule.next_at is not None
        )
        due = [schedule for at, _, schedule in active[:limit] if at <= now]
        return DueSchedules(
            now=now, schedules=due, next_at=active[len(due)][0] if len(due) < len(active) else None
        )

    async def change(
        self, schedule_id: ScheduleId, change: Callable[[StoredSchedule], ScheduleUpdate | None]
    ) -> ScheduleChangeResult | None:
        """Reads, changes and writes the schedule; begins again if the id of a new occurrence is taken."""
        for _ in range(MAX_CHANGE_TRIES):
            stored = await self.get(schedule_id)
            if stored is None:
                return None
            update = change(stored)
            if update is None:
                return ScheduleChangeResult(schedule=stored.schedule)
            result = await self.write(partition_in(self._ids, schedule_id), [update])
            if not result.stale:
                return ScheduleChangeResult(
                    schedule=update.schedule, written=update, next_due_moved_up=result.next_due_moved_up
                )
        raise _changed_too_often(schedule_id)

    async def write(self, partition: Partition, updates: Sequence[ScheduleUpdate]) -> ScheduleWriteResult:
        """Writes each update that is not stale."""
        return self._write(self._partitions[partition], updates)

    async def remove(
        self, schedule_id: ScheduleId, cancel: Callable[[StoredSchedule], Message | None]
    ) -> ScheduleRemoval | None:
        """Reads and removes the schedule."""
        for _ in range(MAX_CHANGE_TRIES):
            stored = await self.get(schedule_id)
            if stored is None:
                return None
            cancelled = cancel(stored)
            if await self._remove(stored.schedule, cancelled):
                return ScheduleRemoval(cancelled=cancelled)
        raise _changed_too_often(schedule_id)

    async def _remove(self, schedule: Schedule, cancelled: Message | None) -> bool:
        """Removes a schedule; returns whether everything was as it was read."""
        partition = self._partition_of(schedule.id)
        stored = partition.schedules.get(schedule.id)
        if stored is None or stored.revision != schedule.revision or not _is_waiting(partition, cancelled):
            return False
        self._cancel(partition, cancelled)
        del partition.schedules[schedule.id]
        return True

    def _write(self, partition: MemoryPartition, updates: Sequence[ScheduleUpdate]) -> ScheduleWriteResult:
        before, stale = partition.next_due_ms, set()
        for update in updates:
            if not _is_current(partition, update):
                stale.add(update.schedule.id)
                continue
            self._cancel(partition, update.cancelled)
            partition.schedules[update.schedule.id] = update.schedule
            for message in update.occurrences:
                partition.wait(message)
        return ScheduleWriteResult(stale=frozenset(stale), next_due_moved_up=partition.next_due_ms < before)

    def _cancel(self, partition: MemoryPartition, cancelled: Message | None) -> None:
        if cancelled is not None:
            partition.stop_waiting(partition.messages[cancelled.id])
            partition.end(cancelled, self._clock.now())
            partition.forget(self._retention, self._clock.now())

    def _partition_of(self, schedule_id: ScheduleId) -> MemoryPartition:
        return self._partitions[partition_in(self._ids, schedule_id)]


def _is_current(partition: MemoryPartition, update: ScheduleUpdate) -> bool:
    stored = partition.schedules.get(update.schedule.id)
    revision = 0 if stored is None else stored.revision
    return (
        revision == update.schedule.revision - 1
        and _is_waiting(partition, update.cancelled)
        and not any(message.id in partition.messages for message in update.occurrences)
    )


def _is_waiting(partition: MemoryPartition, cancelled: Message | None) -> bool:
    if cancelled is None:
        return True
    message = partition.messages.get(cancelled.id)
    return message is not None and message.status is Status.SCHEDULED


def _changed_too_often(schedule_id: ScheduleId) -> StoreUnavailableError:
    return StoreUnavailableError(f"schedule {schedule_id} was changed {MAX_CHANGE_TRIES} times meanwhile")
