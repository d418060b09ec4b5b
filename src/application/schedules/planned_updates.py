"""The updates that one planning pass writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..events.events import UnexpectedErrorCaught
from .occurrences import MAX_BYTES_PER_UPDATE, MAX_OCCURRENCES_PER_UPDATE

if TYPE_CHECKING:
    from datetime import datetime

    from ...domain.ids import ScheduleId
    from ...domain.lease import Partition
    from ...domain.schedules.schedule import Schedule
    from ..ports.event_recorder import EventRecorder
    from ..ports.schedule_store import DueSchedules, ScheduleStore, ScheduleUpdate
    from .occurrences import Occurrences

MAX_OCCURRENCES_PER_PASS = 2 * MAX_OCCURRENCES_PER_UPDATE
"""How many occurrences a pass may have before it takes no further schedule."""
MAX_BYTES_PER_PASS = 2 * MAX_BYTES_PER_UPDATE
"""How many bytes of bodies a pass may have before it takes no further schedule."""


@dataclass(slots=True)
class PlannedUpdates:
    """The updates that one pass writes.

    Attributes:
        updates: The updates, in the order in which their schedules are due.
        is_full: Whether the pass may take no further schedule.
        awaits_delivery: Whether a schedule was left out until the occurrences that it has are delivered.
    """

    updates: list[ScheduleUpdate] = field(default_factory=list)
    is_full: bool = False
    awaits_delivery: bool = False
    _occurrences: int = 0
    _body_bytes: int = 0

    def add(self, update: ScheduleUpdate) -> None:
        """Adds an update, after which the pass may be full."""
        self.updates.append(update)
        self._occurrences += len(update.occurrences)
        self._body_bytes += sum(len(message.body) for message in update.occurrences)
        self.is_full = self._occurrences >= MAX_OCCURRENCES_PER_PASS or self._body_bytes >= MAX_BYTES_PER_PASS


class UpdatePlanner:
    """Makes the updates of due schedules, as many as one pass may write."""

    def __init__(self, store: ScheduleStore, occurrences: Occurrences, events: EventRecorder) -> None:
        self._store = store
        self._occurrences = occurrences
        self._events = events
        self._reported: set[ScheduleId] = set()

    async def plan(self, due: DueSchedules, partition: Partition) -> PlannedUpdates:
        """Returns the updates for due schedules of a partition.

        Raises:
            StoreUnavailableError: The store did not answer.
        """
        planned = PlannedUpdates()
        for schedule in due.schedules:
            update = self._update_of(schedule, due.now, partition)
            if update is None:
                continue
            if _is_still_behind(update, due.now) and await self._awaits_delivery(schedule, due.now):
                planned.awaits_delivery = True
                continue
            planned.add(update)
            if planned.is_full:
                break
        return planned

    def _update_of(self, schedule: Schedule, now: datetime, partition: Partition) -> ScheduleUpdate | None:
        """Returns the update of a due schedule.

        Returns `None` if this instance cannot plan it, so that it does not block the others. Its first error is
        recorded.
        """
        try:
            return self._occurrences.release_due(schedule, now)
        except Exception as error:  # noqa: BLE001  # no error of one schedule may block the others
            if schedule.id not in self._reported:
                self._reported.add(schedule.id)
                self._events.record(UnexpectedErrorCaught(partition, error))
            return None

    async def _awaits_delivery(self, schedule: Schedule, now: datetime) -> bool:
        """Whether the last occurrence that was added for a schedule is due and has not been tried yet.

        A schedule that is far behind gets no more occurrences before that. Otherwise the store would need room for
        all of them at once.
        """
        stored = await self._store.get(schedule.id)
        waiting = None if stored is None else stored.waiting
        return waiting is not None and waiting.due_at <= now and not waiting.attempts


def _is_still_behind(update: ScheduleUpdate, now: datetime) -> bool:
    return update.schedule.next_at is not None and update.schedule.next_at <= now
