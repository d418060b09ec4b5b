"""The use case that makes schedules go on: one pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .events import LoopFaulted
from .occurrences import MOST_IN_A_STEP

if TYPE_CHECKING:
    from datetime import datetime

    from ..domain.lease import Partition
    from ..domain.schedule import Schedule, ScheduleId
    from .occurrences import Occurrences
    from .ports.event_recorder import EventRecorder
    from .ports.schedule_store import Planned, ScheduleStore, Step
    from .schedule_changes import ScheduleChanges

BATCH = 100
"""Schedules that one pass looks at."""
MOST_IN_A_PASS = 2 * MOST_IN_A_STEP
"""Occurrences after which a pass takes up no other schedule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What a pass came to.

    Attributes:
        now: when it was made, by the store's clock.
        next_at: when something is to be planned again, as far as is known; `None`: nothing is.
        came_first: whether all that was to be planned was planned by this pass and not by another instance;
            `None`: there was nothing.
    """

    now: datetime
    next_at: datetime | None
    came_first: bool | None


class PlanOccurrences:
    """Writes, for each schedule whose next occurrence has come, the one after that.

    An occurrence is written when the one before comes due, at least a second ahead, and in the same step that has
    its schedule go on. So no death makes an occurrence late, has one left out or doubled. Any number of instances
    may plan at once.
    """

    def __init__(
        self, store: ScheduleStore, occurrences: Occurrences, changes: ScheduleChanges, events: EventRecorder
    ) -> None:
        self._store = store
        self._occurrences = occurrences
        self._changes = changes
        self._events = events
        self._hopeless: set[ScheduleId] = set()

    async def __call__(self, partition: Partition) -> Pass:
        """Makes one pass over a partition.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        planned = await self._store.planned(partition, BATCH)
        steps, is_more = self._steps(planned, partition)
        if not steps:
            # What is due and cannot be planned is looked at again in a while, not at once.
            hopeless = planned.next_at is not None and planned.next_at <= planned.now
            return Pass(now=planned.now, next_at=None if hopeless else planned.next_at, came_first=None)
        written = await self._store.write(partition, steps)
        self._changes.report(steps, written, partition)
        ahead = [planned.now if is_more else planned.next_at, *(step.schedule.next_at for step in steps)]
        return Pass(
            now=planned.now,
            next_at=min((moment for moment in ahead if moment is not None), default=None),
            came_first=not written.stale,
        )

    async def all_due(self, partition: Partition) -> None:
        """Makes passes until nothing is to be planned now. Raises as one pass does."""
        while True:
            made = await self(partition)
            if made.came_first is None or made.next_at is None or made.next_at > made.now:
                return

    def _steps(self, planned: Planned, partition: Partition) -> tuple[list[Step], bool]:
        """Returns the steps of schedules that are due, and whether some are left for another pass."""
        steps: list[Step] = []
        count = 0
        for schedule in planned.due:
            if count >= MOST_IN_A_PASS:
                return steps, True
            step = self._step(schedule, planned.now, partition)
            if step is not None:
                count += len(step.occurrences)
                steps.append(step)
        return steps, False

    def _step(self, schedule: Schedule, now: datetime, partition: Partition) -> Step | None:
        """Returns a schedule's step; `None`, said once, if it cannot go on here, which must not hold up others."""
        try:
            return self._occurrences.following(schedule, now)
        except Exception as error:  # noqa: BLE001  # whatever the reason
            if schedule.id not in self._hopeless:
                self._hopeless.add(schedule.id)
                self._events.record(LoopFaulted(partition, error))
            return None
