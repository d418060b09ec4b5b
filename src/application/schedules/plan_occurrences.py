"""The use case that makes schedules go on: one pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from ..events.events import LoopFailed
from .occurrences import MAX_BYTES_PER_UPDATE, MAX_OCCURRENCES_PER_UPDATE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ...domain.ids import ScheduleId
    from ...domain.lease import Partition
    from ...domain.schedules.schedule import Schedule
    from ..ports.event_recorder import EventRecorder
    from ..ports.schedule_store import Planned, ScheduleStore, ScheduleUpdate
    from .occurrences import Occurrences
    from .update_schedule import ScheduleUpdater

BATCH = 100
"""Schedules that one pass looks at; more, where it can do nothing for so many."""
MAX_SCHEDULES_PER_PASS = 100_000
MAX_OCCURRENCES_PER_PASS = 2 * MAX_OCCURRENCES_PER_UPDATE
"""Occurrences after which a pass takes up no other schedule."""
MAX_BYTES_PER_PASS = 2 * MAX_BYTES_PER_UPDATE
"""Of their bodies, likewise."""
CATCH_UP_AFTER = timedelta(milliseconds=20)
"""How long a schedule that is far behind waits for what it has made to be delivered, until the next look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What a pass came to.

    Attributes:
        now: when it was made, by the store's clock.
        next_at: when something is to be planned again, as far as is known; `None`: nothing is.
        came_first: whether all that was to be planned was planned by this pass and not by another instance;
            `None`: there was nothing.
        is_held: whether a schedule that is far behind waits for what it has made to be delivered.
    """

    now: datetime
    next_at: datetime | None
    came_first: bool | None
    is_held: bool


@dataclass(slots=True)
class _Plan:
    """What a pass is about to do."""

    steps: list[ScheduleUpdate] = field(default_factory=list)
    is_full: bool = False
    is_held: bool = False
    count: int = 0
    size_bytes: int = 0

    def take(self, step: ScheduleUpdate) -> None:
        self.steps.append(step)
        self.count += len(step.occurrences)
        self.size_bytes += sum(len(message.body) for message in step.occurrences)
        self.is_full = self.count >= MAX_OCCURRENCES_PER_PASS or self.size_bytes >= MAX_BYTES_PER_PASS


class PlanOccurrences:
    """Writes, for each schedule whose next occurrence has come, the one after that.

    An occurrence is written when the one before comes due, at least a second ahead, and in the same step that has
    its schedule go on. So no death makes an occurrence late, has one left out or doubled. Any number of instances
    may plan at once.
    """

    def __init__(
        self, store: ScheduleStore, occurrences: Occurrences, changes: ScheduleUpdater, events: EventRecorder
    ) -> None:
        self._store = store
        self._occurrences = occurrences
        self._changes = changes
        self._events = events
        self._hopeless: set[ScheduleId] = set()
        self._looked_at: dict[Partition, int] = {}

    async def __call__(self, partition: Partition) -> Pass:
        """Makes one pass over a partition.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        looked_at = self._looked_at.get(partition, BATCH)
        planned = await self._store.planned(partition, looked_at)
        plan = await self._plan(planned, partition)
        ahead = [step.schedule.next_at for step in plan.steps]
        if plan.is_full:
            ahead.append(planned.now)
        elif planned.next_at is not None and planned.next_at <= planned.now and not plan.steps:
            # Nothing can be done for all of these, which must not keep those behind them waiting.
            self._looked_at[partition] = min(2 * looked_at, MAX_SCHEDULES_PER_PASS)
            ahead.append(planned.now if looked_at < MAX_SCHEDULES_PER_PASS else None)
        else:
            ahead.append(planned.next_at)
        if plan.is_held:
            ahead.append(planned.now + CATCH_UP_AFTER)
        came_first = await self._write(plan.steps, partition) if plan.steps else None
        return Pass(
            now=planned.now,
            next_at=min((moment for moment in ahead if moment is not None), default=None),
            came_first=came_first,
            is_held=plan.is_held,
        )

    async def all_due(self, partition: Partition) -> bool:
        """Makes passes until nothing is to be planned now. Raises as one pass does.

        Returns whether more is to be planned once what is due is delivered.
        """
        while True:
            made = await self(partition)
            if made.next_at is None or made.next_at > made.now:
                return made.is_held

    async def _write(self, steps: Sequence[ScheduleUpdate], partition: Partition) -> bool:
        written = await self._store.write(partition, steps)
        self._changes.report(steps, written, partition)
        return not written.stale

    async def _plan(self, planned: Planned, partition: Partition) -> _Plan:
        plan = _Plan()
        for schedule in planned.due:
            step = self._step(schedule, planned.now, partition)
            if step is None:
                continue
            if _stays_behind(step, planned.now) and await self._has_to_wait(schedule, planned.now):
                plan.is_held = True
                continue
            plan.take(step)
            if plan.is_full:
                break
        return plan

    async def _has_to_wait(self, schedule: Schedule, now: datetime) -> bool:
        """Whether the last that was made of a schedule is due and has not been tried yet.

        More of what is far behind is not made before that, or the store would have to have room for all of it.
        """
        kept = await self._store.get(schedule.id)
        waiting = None if kept is None else kept.waiting
        return waiting is not None and waiting.due_at <= now and not waiting.attempts

    def _step(self, schedule: Schedule, now: datetime, partition: Partition) -> ScheduleUpdate | None:
        """Returns a schedule's step; `None`, said once, if it cannot go on here, which must not hold up others."""
        try:
            return self._occurrences.following(schedule, now)
        except Exception as error:  # noqa: BLE001  # whatever the reason
            if schedule.id not in self._hopeless:
                self._hopeless.add(schedule.id)
                self._events.record(LoopFailed(partition, error))
            return None


def _stays_behind(step: ScheduleUpdate, now: datetime) -> bool:
    return step.schedule.next_at is not None and step.schedule.next_at <= now
