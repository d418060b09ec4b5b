"""The use cases that pause and resume a schedule."""

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
    """Pauses a schedule. After that, only occurrences that were due before are delivered."""

    def __init__(self, updater: ScheduleUpdater) -> None:
        self._updater = updater

    async def __call__(self, schedule_id: str) -> Schedule:
        """Pauses a schedule, cancels its waiting occurrence and returns it. A paused schedule stays as it is.

        Raises:
            ScheduleNotFoundError: No schedule has this id.
            ScheduleEndedError: The schedule has ended.
            StoreUnavailableError: The store did not answer. It is unknown whether the schedule was paused.
        """
        return await self._updater.apply(schedule_id, _pause, catches_up=False)


class ResumeSchedule:
    """Resumes a schedule from now on. Occurrences that fell into the pause are not made up for."""

    def __init__(self, updater: ScheduleUpdater, occurrences: Occurrences) -> None:
        self._updater = updater
        self._occurrences = occurrences

    async def __call__(self, schedule_id: str) -> Schedule:
        """Resumes a schedule and returns it: as ended, if no occurrence is left. An active one stays as it is.

        Raises:
            ScheduleNotFoundError: No schedule has this id.
            ScheduleEndedError: The schedule has ended.
            StoreUnavailableError: The store did not answer. It is unknown whether the schedule was resumed.
        """
        return await self._updater.apply(schedule_id, self._resume)

    def _resume(self, stored: StoredSchedule, now: datetime) -> ScheduleUpdate | None:
        if stored.schedule.status is ScheduleStatus.ENDED:
            raise ScheduleEndedError(stored.schedule.id)
        if stored.schedule.status is ScheduleStatus.ACTIVE:
            return None
        return self._occurrences.replace_next(stored, stored.schedule, now)


def _pause(stored: StoredSchedule, now: datetime) -> ScheduleUpdate | None:
    if stored.schedule.status is ScheduleStatus.PAUSED:
        return None
    return ScheduleUpdate(
        schedule=stored.schedule.paused(stored.last_released_at), cancelled=stored.cancelled(now)
    )
