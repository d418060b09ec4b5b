"""What all changes of schedules have in common: catching up, events and the doorbell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import ScheduleNotFoundError, StoreUnavailableError
from ...domain.ids import ScheduleId
from ...domain.time.instant import truncate_to_ms
from ..events.events import MessageCancelled, MessagesScheduled
from ..ports.id_generator import partition_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ...domain.lease import Partition
    from ...domain.schedules.schedule import Schedule
    from ..ports.clock import Clock
    from ..ports.doorbell import Doorbell
    from ..ports.event_recorder import EventRecorder
    from ..ports.id_generator import IdGenerator
    from ..ports.schedule_store import ScheduleStore, ScheduleUpdate, StoredSchedule
    from .occurrences import Occurrences

    Change = Callable[[StoredSchedule, datetime], ScheduleUpdate | None]

MAX_UPDATES_PER_CHANGE = 100
"""How many updates one change writes to catch up with a schedule that is behind."""


class ScheduleUpdater:
    """Changes schedules, records the events of their messages, and rings the doorbell."""

    def __init__(
        self,
        store: ScheduleStore,
        occurrences: Occurrences,
        ids: IdGenerator,
        doorbell: Doorbell,
        clock: Clock,
        events: EventRecorder,
    ) -> None:
        self._store = store
        self._occurrences = occurrences
        self._ids = ids
        self._doorbell = doorbell
        self._clock = clock
        self._events = events

    async def apply(self, schedule_id: str, change: Change, *, catches_up: bool = True) -> Schedule:
        """Applies `change` to the schedule and the present time, and returns the schedule as it is then.

        The occurrences that are due by now are written first, so that a change neither leaves one out nor makes
        one twice. If they are more than one update may add, and `catches_up` is false, the rest is left out.

        `change` returns the update to write, or `None` to leave the schedule as it is. It may be called again with
        a newer state of the schedule. What it raises is raised.

        Raises:
            ScheduleNotFoundError: No schedule has this id.
            StoreUnavailableError: The store did not answer, or the schedule is too far behind. It is unknown
                whether the schedule was changed.
        """
        partition = self._require_partition(schedule_id)
        attempt = _CatchUpOrChange(self._occurrences, change, truncate_to_ms(self._clock.now()))
        for _ in range(MAX_UPDATES_PER_CHANGE):
            result = await self._store.change(ScheduleId(schedule_id), attempt)
            if result is None:
                raise ScheduleNotFoundError(schedule_id)
            if result.written is not None:
                self.report([result.written], partition, next_due_moved_up=result.next_due_moved_up)
            if not attempt.caught_up:
                return result.schedule
            attempt.may_catch_up = catches_up
        raise StoreUnavailableError(
            f"schedule {schedule_id} is still behind after {MAX_UPDATES_PER_CHANGE} updates"
        )

    async def remove(self, schedule_id: str) -> None:
        """Removes a schedule and cancels its next occurrence, if that is waiting.

        Raises:
            ScheduleNotFoundError: No schedule has this id.
            StoreUnavailableError: The store did not answer. It is unknown whether the schedule was removed.
        """
        self._require_partition(schedule_id)
        now = truncate_to_ms(self._clock.now())
        removal = await self._store.remove(ScheduleId(schedule_id), lambda stored: stored.cancelled(now))
        if removal is None:
            raise ScheduleNotFoundError(schedule_id)
        if removal.cancelled is not None:
            self._events.record(MessageCancelled(removal.cancelled))

    async def add(self, update: ScheduleUpdate) -> bool:
        """Writes a new schedule and its first occurrence; returns whether their ids were free."""
        result = await self._store.add(update)
        if result.stale:
            return False
        partition = partition_in(self._ids, update.schedule.id)
        self.report([update], partition, next_due_moved_up=result.next_due_moved_up)
        return True

    def report(self, written: Sequence[ScheduleUpdate], partition: Partition, *, next_due_moved_up: bool) -> None:
        """Records the events of updates that were written, and rings the doorbell if a message is due earlier."""
        for update in written:
            if update.cancelled is not None:
                self._events.record(MessageCancelled(update.cancelled))
        if messages := [message for update in written for message in update.occurrences]:
            self._events.record(MessagesScheduled(messages))
        if next_due_moved_up:
            self._doorbell.ring((partition,))

    def _require_partition(self, schedule_id: str) -> Partition:
        partition = self._ids.partition_of(schedule_id)
        if partition is None:
            raise ScheduleNotFoundError(schedule_id)
        return partition


class _CatchUpOrChange:
    """Makes the next update of a schedule: one that catches up if the schedule is behind, else that of a change.

    Attributes:
        may_catch_up: Whether an update that catches up is allowed.
        caught_up: Whether the last update was one that catches up.
    """

    def __init__(self, occurrences: Occurrences, change: Change, now: datetime) -> None:
        self._occurrences = occurrences
        self._change = change
        self._now = now
        self.may_catch_up = True
        self.caught_up = False

    def __call__(self, stored: StoredSchedule) -> ScheduleUpdate | None:
        next_at = stored.schedule.next_at
        self.caught_up = self.may_catch_up and next_at is not None and next_at <= self._now
        if self.caught_up:
            return self._occurrences.release_due(stored.schedule, self._now)
        return self._change(stored, self._now)
