"""The schedule store in Redis."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from ...application.ports.id_generator import partition_in
from ...application.ports.schedule_store import Kept, Planned, SchedulePage, Step, Written
from ...domain.instant import EPOCH, MILLISECOND, from_ms, to_ms
from ...domain.schedule import ScheduleId
from .record import UnreadableRecordError, read_record, write_labels, write_record
from .schedule_record import read_schedule, write_schedule
from .schedule_scripts import Row, StepRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...application.ports.id_generator import IdGenerator
    from ...domain.lease import Partition
    from ...domain.message import Message
    from ...domain.retention import Retention
    from ...domain.schedule import Schedule
    from .keys import KeySpace, PartitionKeys
    from .schedule_scripts import ScheduleScripts

logger = logging.getLogger("postdate.redis")


class RedisScheduleStore:
    """Keeps schedules in one hash per partition, and when each is next in a sorted set beside it."""

    def __init__(self, scripts: ScheduleScripts, keys: KeySpace, ids: IdGenerator, retention: Retention) -> None:
        self._scripts = scripts
        self._keys = keys
        self._ids = ids
        self._told_of: set[ScheduleId] = set()
        self._kept = (retention.age // MILLISECOND, retention.count)

    async def add(self, step: Step) -> Written:
        """Writes a schedule and its first occurrence by one script."""
        return _written(
            await self._scripts.add_schedule(self._keys_of(step.schedule.id), self._kept, _step_row(step))
        )

    async def get(self, schedule_id: ScheduleId) -> Kept | None:
        """Returns the schedule as it is now."""
        reply = await self._scripts.get_schedule(self._keys_of(schedule_id), schedule_id)
        if reply is None:
            return None
        record, message = reply
        schedule = read_schedule(schedule_id, record)
        if schedule.next_id is None or not message:
            return Kept(schedule=schedule, waiting=None)
        return Kept(schedule=schedule, waiting=read_record(schedule.next_id, message))

    async def page(self, partition: Partition, after: ScheduleId | None, limit: int) -> SchedulePage:
        """Returns schedules in the order of their ids."""
        last, records = await self._scripts.page_schedules(self._keys[partition], after, limit)
        following = ScheduleId(last.decode()) if last else None
        return SchedulePage(schedules=self._readable(records), next=following)

    async def planned(self, partition: Partition, limit: int) -> Planned:
        """Returns the schedules whose next occurrence has come."""
        now_us, next_ms, records = await self._scripts.planned_schedules(self._keys[partition], limit)
        return Planned(
            now=EPOCH + timedelta(microseconds=now_us),
            due=self._readable(records),
            next_at=None if next_ms is None else from_ms(next_ms),
        )

    async def change(self, step: Step) -> Written:
        """Takes a step by one script."""
        keys = self._keys_of(step.schedule.id)
        return _written(await self._scripts.write_schedules(keys, self._kept, (_step_row(step),), durable=True))

    async def write(self, partition: Partition, steps: Sequence[Step]) -> Written:
        """Takes each step that is not stale, all by one script."""
        keys, rows = self._keys[partition], (_step_row(step) for step in steps)
        return _written(await self._scripts.write_schedules(keys, self._kept, rows, durable=False))

    async def remove(self, schedule: Schedule, withdrawn: Message | None) -> Written:
        """Forgets a schedule by one script."""
        removed = await self._scripts.remove_schedule(
            self._keys_of(schedule.id), self._kept, schedule.id, schedule.revision, _row_or_none(withdrawn)
        )
        return Written() if removed else Written(stale=frozenset({schedule.id}))

    def _readable(self, records: Sequence[tuple[bytes, bytes]]) -> Sequence[Schedule]:
        """Returns the schedules of records; one that cannot be read is left out and told of once."""
        schedules = []
        for raw_id, record in records:
            schedule_id = ScheduleId(raw_id.decode())
            try:
                schedules.append(read_schedule(schedule_id, record))
            except UnreadableRecordError as error:
                if schedule_id not in self._told_of:
                    self._told_of.add(schedule_id)
                    logger.error("schedule %s cannot be read: %s", schedule_id, error)  # noqa: TRY400  # no trace helps
        return schedules

    def _keys_of(self, schedule_id: ScheduleId) -> PartitionKeys:
        return self._keys[partition_in(self._ids, schedule_id)]


def _step_row(step: Step) -> StepRow:
    schedule = step.schedule
    return StepRow(
        schedule_id=schedule.id,
        revision_before=schedule.revision - 1,
        record=write_schedule(schedule),
        next_ms=None if schedule.next_at is None else to_ms(schedule.next_at),
        withdrawn=_row_or_none(step.withdrawn),
        # A schedule's labels are those of all occurrences that one step writes.
        labels=write_labels(step.occurrences[0]) if step.occurrences else b"",
        occurrences=[_row(message) for message in step.occurrences],
    )


def _row(message: Message) -> Row:
    return message.id, to_ms(message.due_at), write_record(message)


def _row_or_none(message: Message | None) -> Row | None:
    return None if message is None else _row(message)


def _written(reply: tuple[bool, Sequence[bytes]]) -> Written:
    hastened, stale = reply
    return Written(stale=frozenset(ScheduleId(raw.decode()) for raw in stale), hastened=hastened)
