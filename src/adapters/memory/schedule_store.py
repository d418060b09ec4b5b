"""The schedule store in this process's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...application.ports.id_generator import partition_in
from ...application.ports.schedule_store import Planned, SchedulePage, ScheduleUpdate, StoredSchedule, WriteResult
from ...domain.messages.status import Status
from ...domain.retention import DEFAULT_RETENTION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...application.ports.clock import Clock
    from ...application.ports.id_generator import IdGenerator
    from ...domain.ids import ScheduleId
    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from ...domain.retention import Retention
    from ...domain.schedules.schedule import Schedule
    from .partitions import MemoryPartition, MemoryPartitions


class MemoryScheduleStore:
    """Keeps schedules beside the messages of the partitions it is given."""

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

    async def add(self, step: ScheduleUpdate) -> WriteResult:
        """Writes a schedule and its first occurrence."""
        return self._write(self._of(step.schedule.id), [step])

    async def get(self, schedule_id: ScheduleId) -> StoredSchedule | None:
        """Returns the schedule as it is now."""
        partition = self._of(schedule_id)
        schedule = partition.schedules.get(schedule_id)
        if schedule is None:
            return None
        message = partition.messages.get(schedule.next_id) if schedule.next_id is not None else None
        waits = message is not None and message.status is Status.SCHEDULED
        return StoredSchedule(schedule=schedule, waiting=message if waits else None)

    async def page(self, partition: Partition, after: ScheduleId | None, limit: int) -> SchedulePage:
        """Returns schedules in the order of their ids."""
        schedules = self._partitions[partition].schedules
        ids = sorted(schedule_id for schedule_id in schedules if after is None or schedule_id > after)
        page = [schedules[schedule_id] for schedule_id in ids[:limit]]
        return SchedulePage(schedules=page, next=page[-1].id if len(ids) > limit else None)

    async def planned(self, partition: Partition, limit: int) -> Planned:
        """Returns the schedules whose next occurrence has come."""
        now = self._clock.now()
        planned = sorted(
            (schedule.next_at, schedule.id, schedule)
            for schedule in self._partitions[partition].schedules.values()
            if schedule.next_at is not None
        )
        due = [schedule for at, _, schedule in planned[:limit] if at <= now]
        return Planned(now=now, due=due, next_at=planned[len(due)][0] if len(due) < len(planned) else None)

    async def change(self, step: ScheduleUpdate) -> WriteResult:
        """Takes a step, unless it is stale."""
        return self._write(self._of(step.schedule.id), [step])

    async def write(self, partition: Partition, steps: Sequence[ScheduleUpdate]) -> WriteResult:
        """Takes each step that is not stale."""
        return self._write(self._partitions[partition], steps)

    async def remove(self, schedule: Schedule, withdrawn: Message | None) -> WriteResult:
        """Forgets a schedule."""
        partition = self._of(schedule.id)
        kept = partition.schedules.get(schedule.id)
        if kept is None or kept.revision != schedule.revision or not _waits(partition, withdrawn):
            return WriteResult(stale=frozenset({schedule.id}))
        self._withdraw(partition, withdrawn)
        del partition.schedules[schedule.id]
        return WriteResult()

    def _write(self, partition: MemoryPartition, steps: Sequence[ScheduleUpdate]) -> WriteResult:
        before, stale = partition.next_due_ms, set()
        for step in steps:
            if not _fits(partition, step):
                stale.add(step.schedule.id)
                continue
            self._withdraw(partition, step.withdrawn)
            partition.schedules[step.schedule.id] = step.schedule
            for message in step.occurrences:
                partition.wait(message)
        return WriteResult(stale=frozenset(stale), next_due_moved_up=partition.next_due_ms < before)

    def _withdraw(self, partition: MemoryPartition, withdrawn: Message | None) -> None:
        if withdrawn is not None:
            partition.stop_waiting(partition.messages[withdrawn.id])
            partition.end(withdrawn, self._clock.now())
            partition.forget(self._retention, self._clock.now())

    def _of(self, schedule_id: ScheduleId) -> MemoryPartition:
        return self._partitions[partition_in(self._ids, schedule_id)]


def _fits(partition: MemoryPartition, step: ScheduleUpdate) -> bool:
    kept = partition.schedules.get(step.schedule.id)
    revision = 0 if kept is None else kept.revision
    return (
        revision == step.schedule.revision - 1
        and _waits(partition, step.withdrawn)
        and not any(message.id in partition.messages for message in step.occurrences)
    )


def _waits(partition: MemoryPartition, withdrawn: Message | None) -> bool:
    if withdrawn is None:
        return True
    message = partition.messages.get(withdrawn.id)
    return message is not None and message.status is Status.SCHEDULED
