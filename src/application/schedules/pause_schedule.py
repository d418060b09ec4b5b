"""The use cases that have a schedule rest, and go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import ScheduleEndedError
from ...domain.schedules.schedule import ScheduleStatus
from ..ports.schedule_store import ScheduleUpdate

if TYPE_CHECKING:
    from datetime import datetime

    from ...domain.schedules.schedule import Schedule
    from ..ports.schedule_store import StoredSchedule
    from .occurrences import Occurrences
    from .update_schedule import ScheduleUpdater


class PauseSchedule:
    """RestartBackoff a schedule: when it returns, nothing occurs any more but what had come due by then."""

    def __init__(self, changes: ScheduleUpdater, occurrences: Occurrences) -> None:
        self._changes = changes
        self._occurrences = occurrences

    async def __call__(self, schedule_id: str) -> Schedule:
        """Returns the schedule as paused, also when it was paused before.

        Raises:
            ScheduleNotFoundError: there is none of that id.
            ScheduleEndedError: it has ended.
            StoreUnavailableError: the store did not answer; whether it is paused is unknown.
        """
        return await self._changes.apply(schedule_id, self._paused, catches_up=False)

    def _paused(self, kept: StoredSchedule, now: datetime) -> ScheduleUpdate | None:
        if kept.schedule.status is ScheduleStatus.PAUSED:
            return None
        return ScheduleUpdate(
            schedule=kept.schedule.paused(self._occurrences.last_of(kept)),
            withdrawn=self._occurrences.withdrawn_of(kept, now),
        )


class ResumeSchedule:
    """Resumes a schedule from now on. What would have occurred while it was paused is not made up for."""

    def __init__(self, changes: ScheduleUpdater, occurrences: Occurrences) -> None:
        self._changes = changes
        self._occurrences = occurrences

    async def __call__(self, schedule_id: str) -> Schedule:
        """Returns the schedule as it goes on, also when it was not paused; as ended, if nothing is left of it.

        Raises:
            ScheduleNotFoundError: there is none of that id.
            ScheduleEndedError: it has ended.
            StoreUnavailableError: the store did not answer; whether it is resumed is unknown.
        """
        return await self._changes.apply(schedule_id, self._resumed)

    def _resumed(self, kept: StoredSchedule, now: datetime) -> ScheduleUpdate | None:
        if kept.schedule.status is ScheduleStatus.ENDED:
            raise ScheduleEndedError(kept.schedule.id)
        if kept.schedule.status is ScheduleStatus.ACTIVE:
            return None
        return self._occurrences.next_of(kept, kept.schedule, now)
