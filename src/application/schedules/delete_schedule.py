"""The use case that deletes a schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .update_schedule import ScheduleUpdater


class DeleteSchedule:
    """Deletes a schedule. An occurrence that is being delivered is still delivered."""

    def __init__(self, updater: ScheduleUpdater) -> None:
        self._updater = updater

    async def __call__(self, schedule_id: str) -> None:
        """Deletes a schedule and cancels its next occurrence, if that is waiting.

        Raises:
            ScheduleNotFoundError: No schedule has this id, or no longer.
            StoreUnavailableError: The store did not answer. It is unknown whether the schedule was deleted.
        """
        await self._updater.remove(schedule_id)
