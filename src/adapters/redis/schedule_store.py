"""The schedule store in Redis."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from ...application.ports.id_generator import partition_in
from ...application.ports.schedule_store import Planned, SchedulePage, ScheduleUpdate, StoredSchedule, WriteResult
from ...domain.ids import ScheduleId
from ...domain.time.instant import EPOCH, MILLISECOND, from_ms, to_ms
from .records.message_record import UnreadableRecordError, decode_message, encode_labels, encode_message
from .records.schedule_record import decode_schedule, encode_schedule
from .scripts.schedule_scripts import Row, ScheduleUpdateRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...application.ports.id_generator import IdGenerator
    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from ...domain.retention import Retention
    from ...domain.schedules.schedule import Schedule
    from .keys import KeySpace, PartitionKeys
    from .scripts.schedule_scripts import ScheduleScripts

logger = logging.getLogger("postdate.redis")


class RedisScheduleStore:
    """Keeps schedules in one hash per partition, and when each is next in a sorted set beside it."""

    def __init__(self, scripts: ScheduleScripts, keys: KeySpace, ids: IdGenerator, retention: Retention) -> None:
        self._scripts = scripts
        self._keys = keys
        self._ids = ids
        self._told_of: set[ScheduleId] = set()
        self._kept = (retention.age // MILLISECOND, retention.count)

    async def add(self, step: ScheduleUpdate) -> WriteResult:
        """Writes a schedule and its first occurrence by one script."""
        return _written(
            await self._scripts.add_schedule(self._keys_of(step.schedule.id), self._kept, _step_row(step))
        )

    async def get(self, schedule_id: ScheduleId) -> StoredSchedule | None:
        """Returns the schedule as it is now."""
        reply = await self._scripts.get_schedule(self._keys_of(schedule_id), schedule_id)
        if reply is None:
            return None
        record, message = reply
        schedule = decode_schedule(schedule_id, record)
        if schedule.next_id is None or not message:
            return StoredSchedule(schedule=schedule, waiting=None)
        return StoredSchedule(schedule=schedule, waiting=decode_message(schedule.next_id, message))

    async def page(self, partition: Partition, after: ScheduleId | None, limit: int) -> SchedulePage:
        """Returns schedules in the order of their ids."""
        last, records = await self._scripts.page_schedules(self._keys[partition], after, limit)
        following = ScheduleId(last.decode()) if last else None
        return SchedulePage(schedules=self._readable(records), next=following)

    async def planned(self, partition: Partition, limit: int) -> Planned:
        """Returns the schedules whose next occurrence has come."""
        now_us, next_ms, records = await self._scripts.find_due_schedules(self._keys[partition], limit)
        return Planned(
            now=EPOCH + timedelta(microseconds=now_us),
            due=self._readable(records),
            next_at=None if next_ms is None else from_ms(next_ms),
        )

    async def change(self, step: ScheduleUpdate) -> WriteResult:
        """Takes a step by one script."""
        keys = self._keys_of(step.schedule.id)
        return _written(await self._scripts.write_schedules(keys, self._kept, (_step_row(step),), durable=True))

    async def write(self, partition: Partition, steps: Sequence[ScheduleUpdate]) -> WriteResult:
        """Takes each step that is not stale, all by one script."""
        keys, rows = self._keys[partition], (_step_row(step) for step in steps)
        return _written(await self._scripts.write_schedules(keys, self._kept, rows, durable=False))

    async def remove(self, schedule: Schedule, withdrawn: Message | None) -> WriteResult:
        """Forgets a schedule by one script."""
        removed = await self._scripts.remove_schedule(
            self._keys_of(schedule.id), self._kept, schedule.id, schedule.revision, _row_or_none(withdrawn)
        )
        return WriteResult() if removed else WriteResult(stale=frozenset({schedule.id}))

    def _readable(self, records: Sequence[tuple[bytes, bytes]]) -> Sequence[Schedule]:
        """Returns the schedules of records; one that cannot be read is left out and told of once."""
        schedules = []
        for raw_id, record in records:
            schedule_id = ScheduleId(raw_id.decode())
            try:
                schedules.append(decode_schedule(schedule_id, record))
            except UnreadableRecordError as error:
                if schedule_id not in self._told_of:
                    self._told_of.add(schedule_id)
                    logger.error("schedule %s cannot be read: %s", schedule_id, error)  # noqa: TRY400  # no trace helps
        return schedules

    def _keys_of(self, schedule_id: ScheduleId) -> PartitionKeys:
        return self._keys[partition_in(self._ids, schedule_id)]


def _step_row(step: ScheduleUpdate) -> ScheduleUpdateRow:
    schedule = step.schedule
    return ScheduleUpdateRow(
        schedule_id=schedule.id,
        revision_before=schedule.revision - 1,
        record=encode_schedule(schedule),
        next_ms=None if schedule.next_at is None else to_ms(schedule.next_at),
        withdrawn=_row_or_none(step.withdrawn),
        # A schedule's labels are those of all occurrences that one step writes.
        labels=encode_labels(step.occurrences[0]) if step.occurrences else b"",
        occurrences=[_row(message) for message in step.occurrences],
    )


def _row(message: Message) -> Row:
    return message.id, to_ms(message.due_at), encode_message(message)


def _row_or_none(message: Message | None) -> Row | None:
    return None if message is None else _row(message)


def _written(reply: tuple[bool, Sequence[bytes]]) -> WriteResult:
    next_due_moved_up, stale = reply
    return WriteResult(
        stale=frozenset(ScheduleId(raw.decode()) for raw in stale), next_due_moved_up=next_due_moved_up
    )
