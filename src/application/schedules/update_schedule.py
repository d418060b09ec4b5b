"""How a schedule that is there already is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import ScheduleNotFoundError, StoreUnavailableError
from ...domain.ids import ScheduleId
from ...domain.time.instant import truncate_to_ms
from ..events.events import MessageCancelled, MessagesScheduled

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from ...domain.lease import Partition
    from ...domain.schedules.schedule import Schedule
    from ..ports.clock import Clock
    from ..ports.doorbell import Doorbell
    from ..ports.event_recorder import EventRecorder
    from ..ports.id_generator import IdGenerator
    from ..ports.schedule_store import ScheduleStore, ScheduleUpdate, StoredSchedule, WriteResult
    from .occurrences import Occurrences

TRIES = 100
"""How often a schedule may have been changed by others, or be behind still, between reading and writing it."""


class ScheduleUpdater:
    """Reads, changes and writes a schedule where nobody has written in between; else begins again."""

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

    async def get(self, schedule_id: str) -> StoredSchedule:
        """Returns a schedule as it is now.

        Raises:
            ScheduleNotFoundError: there is none of that id.
            StoreUnavailableError: the store did not answer.
        """
        self._partition_of(schedule_id)
        kept = await self._store.get(ScheduleId(schedule_id))
        if kept is None:
            raise ScheduleNotFoundError(schedule_id)
        return kept

    async def apply(
        self,
        schedule_id: str,
        change: Callable[[StoredSchedule, datetime], ScheduleUpdate | None],
        *,
        catches_up: bool = True,
    ) -> Schedule:
        """Takes the step that `change` makes of a schedule as it is, and of the present; with `None` it stays so.

        What has come by now is planned before, so that no change makes an occurrence be left out or come twice. Of
        a schedule that is very far behind, one that does not catch up leaves out the rest. `change` may be called
        again; what it raises is raised.

        Raises:
            ScheduleNotFoundError: there is none of that id.
            StoreUnavailableError: the store did not answer, or the schedule is too far behind; whether it is
                changed is unknown.
        """
        now, is_caught_up = truncate_to_ms(self._clock.now()), False
        for _ in range(TRIES):
            kept = await self.get(schedule_id)
            behind = not is_caught_up and kept.schedule.next_at is not None and kept.schedule.next_at <= now
            step = self._occurrences.following(kept.schedule, now) if behind else change(kept, now)
            if step is None:
                return kept.schedule
            if await self._take(step):
                if not behind:
                    return step.schedule
                is_caught_up = not catches_up
        raise _changed_too_often(schedule_id)

    async def remove(self, schedule_id: str) -> None:
        """Forgets a schedule and withdraws its next occurrence, if that waits.

        Raises:
            ScheduleNotFoundError: there is none of that id.
            StoreUnavailableError: the store did not answer; whether it is forgotten is unknown.
        """
        now = truncate_to_ms(self._clock.now())
        for _ in range(TRIES):
            kept = await self.get(schedule_id)
            withdrawn = self._occurrences.withdrawn_of(kept, now)
            if not (await self._store.remove(kept.schedule, withdrawn)).stale:
                if withdrawn is not None:
                    self._events.record(MessageCancelled(withdrawn))
                return
        raise _changed_too_often(schedule_id)

    async def add(self, step: ScheduleUpdate) -> bool:
        """Takes the first step of a schedule; returns whether its ids were free."""
        return await self._take(step, self._store.add)

    async def _take(
        self, step: ScheduleUpdate, write: Callable[[ScheduleUpdate], Awaitable[WriteResult]] | None = None
    ) -> bool:
        written = await (write or self._store.change)(step)
        self.report([step], written, self._partition_of(step.schedule.id))
        return not written.stale

    def report(self, steps: Sequence[ScheduleUpdate], written: WriteResult, partition: Partition) -> None:
        """Tells what became of steps to all who want to know."""
        taken = [step for step in steps if step.schedule.id not in written.stale]
        for step in taken:
            if step.withdrawn is not None:
                self._events.record(MessageCancelled(step.withdrawn))
        if messages := [message for step in taken for message in step.occurrences]:
            self._events.record(MessagesScheduled(messages))
        if written.next_due_moved_up:
            self._doorbell.ring((partition,))

    def _partition_of(self, schedule_id: str) -> Partition:
        partition = self._ids.partition_of(schedule_id)
        if partition is None:
            raise ScheduleNotFoundError(schedule_id)
        return partition


def _changed_too_often(schedule_id: str) -> StoreUnavailableError:
    return StoreUnavailableError(
        f"schedule {schedule_id} was changed {TRIES} times meanwhile, or is as far behind"
    )
