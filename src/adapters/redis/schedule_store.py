"""The schedule store in Redis."""

from __future__ import annotations

import logging
from datetime import timedelta
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
from ...domain.ids import ScheduleId
from ...domain.time.instant import EPOCH, MILLISECOND, from_ms, to_ms
from .records.message_record import UnreadableRecordError, decode_message, encode_labels, encode_message
from .records.schedule_record import decode_schedule, encode_schedule
from .scripts.schedule_scripts import MessageRow, ScheduleUpdateRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...application.ports.id_generator import IdGenerator
    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from ...domain.retention import Retention
    from ...domain.schedules.schedule import Schedule
    from .keys import KeySpace, PartitionKeys
    from .scripts.schedule_scripts import ScheduleScripts

logger = logging.getLogger("postdate.redis")


class RedisScheduleStore:
    """Stores schedules in one hash per partition, and the times of their next occurrences in a sorted set."""

    def __init__(self, scripts: ScheduleScripts, keys: KeySpace, ids: IdGenerator, retention: Retention) -> None:
        self._scripts = scripts
        self._keys = keys
        self._ids = ids
        self._retention_args = (retention.age // MILLISECOND, retention.count)
        self._logged_as_unreadable: set[ScheduleId] = set()

    async def add(self, update: ScheduleUpdate) -> ScheduleWriteResult:
        """Writes a schedule and its first occurrence by one script."""
        keys = self._keys_of(update.schedule.id)
        return _write_result(await self._scripts.add_schedule(keys, self._retention_args, _update_row(update)))

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
        return SchedulePage(schedules=self._readable(records), next=ScheduleId(last.decode()) if last else None)

    async def find_due(self, partition: Partition, limit: int) -> DueSchedules:
        """Returns the schedules whose next occurrence is due."""
        now_us, next_ms, records = await self._scripts.find_due_schedules(self._keys[partition], limit)
        return DueSchedules(
            now=EPOCH + timedelta(microseconds=now_us),
            schedules=self._readable(records),
            next_at=None if next_ms is None else from_ms(next_ms),
        )

    async def change(
        self, schedule_id: ScheduleId, change: Callable[[StoredSchedule], ScheduleUpdate | None]
    ) -> ScheduleChangeResult | None:
        """Reads, changes and writes the schedule; begins again if anything was changed in between."""
        keys = self._keys_of(schedule_id)
        for _ in range(MAX_CHANGE_TRIES):
            stored = await self.get(schedule_id)
            if stored is None:
                return None
            update = change(stored)
            if update is None:
                await self._scripts.confirm_earlier_writes(keys)
                return ScheduleChangeResult(schedule=stored.schedule)
            next_due_moved_up, stale = await self._scripts.write_schedules(
                keys, self._retention_args, [_update_row(update)], durable=True
            )
            if not stale:
                return ScheduleChangeResult(
                    schedule=update.schedule, written=update, next_due_moved_up=next_due_moved_up
                )
        raise _changed_too_often(schedule_id)

    async def write(self, partition: Partition, updates: Sequence[ScheduleUpdate]) -> ScheduleWriteResult:
        """Writes each update that is not stale, all by one script."""
        keys, rows = self._keys[partition], (_update_row(update) for update in updates)
        reply = await self._scripts.write_schedules(keys, self._retention_args, rows, durable=False)
        return _write_result(reply)

    async def remove(
        self, schedule_id: ScheduleId, cancel: Callable[[StoredSchedule], Message | None]
    ) -> ScheduleRemoval | None:
        """Reads and removes the schedule; begins again if anything was changed in between."""
        keys = self._keys_of(schedule_id)
        for _ in range(MAX_CHANGE_TRIES):
            stored = await self.get(schedule_id)
            if stored is None:
                return None
            cancelled = cancel(stored)
            if await self._scripts.remove_schedule(
                keys, self._retention_args, schedule_id, stored.schedule.revision, _row_or_none(cancelled)
            ):
                return ScheduleRemoval(cancelled=cancelled)
        raise _changed_too_often(schedule_id)

    def _readable(self, records: Sequence[tuple[bytes, bytes]]) -> Sequence[Schedule]:
        """Returns the schedules of the records that can be read. Each of the others is logged once."""
        schedules = []
        for raw_id, record in records:
            schedule_id = ScheduleId(raw_id.decode())
            try:
                schedules.append(decode_schedule(schedule_id, record))
            except UnreadableRecordError as error:
                if schedule_id not in self._logged_as_unreadable:
                    self._logged_as_unreadable.add(schedule_id)
                    logger.error("schedule %s cannot be read: %s", schedule_id, error)  # noqa: TRY400  # no trace helps
        return schedules

    def _keys_of(self, schedule_id: ScheduleId) -> PartitionKeys:
        return self._keys[partition_in(self._ids, schedule_id)]


def _update_row(update: ScheduleUpdate) -> ScheduleUpdateRow:
    schedule = update.schedule
    return ScheduleUpdateRow(
        schedule_id=schedule.id,
        revision_before=schedule.revision - 1,
        record=encode_schedule(schedule),
        next_ms=None if schedule.next_at is None else to_ms(schedule.next_at),
        cancelled=_row_or_none(update.cancelled),
        # All occurrences of one update have the labels of the schedule.
        labels=encode_labels(update.occurrences[0]) if update.occurrences else b"",
        occurrences=[_row(message) for message in update.occurrences],
    )


def _row(message: Message) -> MessageRow:
    return message.id, to_ms(message.due_at), encode_message(message)


def _row_or_none(message: Message | None) -> MessageRow | None:
    return None if message is None else _row(message)


def _write_result(reply: tuple[bool, Sequence[bytes]]) -> ScheduleWriteResult:
    next_due_moved_up, stale = reply
    return ScheduleWriteResult(
        stale=frozenset(ScheduleId(raw.decode()) for raw in stale), next_due_moved_up=next_due_moved_up
    )


def _changed_too_often(schedule_id: ScheduleId) -> StoreUnavailableError:
    return StoreUnavailableError(f"schedule {schedule_id} was changed {MAX_CHANGE_TRIES} times meanwhile")
