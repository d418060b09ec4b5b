"""The use case that plans the occurrences of schedules: one pass over a partition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from .planned_updates import UpdatePlanner

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ...domain.lease import Partition
    from ..ports.event_recorder import EventRecorder
    from ..ports.schedule_store import DueSchedules, ScheduleStore, ScheduleUpdate
    from .occurrences import Occurrences
    from .planned_updates import PlannedUpdates
    from .update_schedule import ScheduleUpdater

SCHEDULES_PER_PASS = 100
"""How many due schedules a pass reads. It reads more while it can plan none of those that it read."""
MAX_SCHEDULES_PER_PASS = 100_000
DELIVERY_WAIT = timedelta(milliseconds=20)
"""How long a schedule that is far behind waits, before the next pass, for its occurrences to be delivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningPass:
    """The result of one pass.

    Attributes:
        now: The time of the pass, by the store's clock.
        next_at: When the next pass has something to plan, as far as is known; `None` if nothing is planned.
        wrote_all: Whether this instance wrote every update of the pass, so that no other one was faster; `None` if
            there was no update.
        awaits_delivery: Whether a schedule that is far behind waits for its occurrences to be delivered.
    """

    now: datetime
    next_at: datetime | None
    wrote_all: bool | None
    awaits_delivery: bool


class PlanOccurrences:
    """Writes, for each schedule whose next occurrence is due, the one after that.

    An occurrence is written when the one before is due, which is at least a second in advance. The same update
    moves the schedule on. So a crash neither delays an occurrence nor leaves one out nor makes one twice. Any
    number of instances may plan at once.
    """

    def __init__(
        self, store: ScheduleStore, occurrences: Occurrences, updater: ScheduleUpdater, events: EventRecorder
    ) -> None:
        self._store = store
        self._updater = updater
        self._planner = UpdatePlanner(store, occurrences, events)
        self._limits: dict[Partition, int] = {}

    async def __call__(self, partition: Partition) -> PlanningPass:
        """Makes one pass over a partition.

        Raises:
            StoreUnavailableError: The store did not answer.
        """
        limit = self._limits.get(partition, SCHEDULES_PER_PASS)
        due = await self._store.find_due(partition, limit)
        planned = await self._planner.plan(due, partition)
        next_times = [update.schedule.next_at for update in planned.updates]
        next_times.append(self._next_of_others(partition, limit, due, planned))
        if planned.awaits_delivery:
            next_times.append(due.now + DELIVERY_WAIT)
        wrote_all = await self._write(planned.updates, partition) if planned.updates else None
        return PlanningPass(
            now=due.now,
            next_at=min((at for at in next_times if at is not None), default=None),
            wrote_all=wrote_all,
            awaits_delivery=planned.awaits_delivery,
        )

    async def all_due(self, partition: Partition) -> bool:
        """Makes passes until nothing more can be planned now.

        Returns whether there is more to plan once the occurrences that are due are delivered.

        Raises:
            StoreUnavailableError: The store did not answer.
        """
        while True:
            planning_pass = await self(partition)
            if planning_pass.next_at is None or planning_pass.next_at > planning_pass.now:
                return planning_pass.awaits_delivery

    def _next_of_others(
        self, partition: Partition, limit: int, due: DueSchedules, planned: PlannedUpdates
    ) -> datetime | None:
        """Returns when the schedules that this pass did not take have to be planned."""
        if planned.is_full:
            return due.now
        others_are_due = due.next_at is not None and due.next_at <= due.now
        if others_are_due and not planned.updates:
            # None of these can be planned now. The next pass reads further, so that they do not block the others.
            self._limits[partition] = min(2 * limit, MAX_SCHEDULES_PER_PASS)
            return due.now if limit < MAX_SCHEDULES_PER_PASS else None
        return due.next_at

    async def _write(self, updates: Sequence[ScheduleUpdate], partition: Partition) -> bool:
        result = await self._store.write(partition, updates)
        written = [update for update in updates if update.schedule.id not in result.stale]
        self._updater.report(written, partition, next_due_moved_up=result.next_due_moved_up)
        return not result.stale
