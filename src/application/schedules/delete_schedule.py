"""The use case that ends a schedule for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .update_schedule import ScheduleUpdater


class DeleteSchedule:
    """Forgets a schedule for good. What is under way already is delivered."""

    def __init__(self, changes: ScheduleUpdater) -> None:
        self._changes = changes

    async def __call__(self, schedule_id: str) -> None:
        """Forgets a schedule and withdraws its next occurrence.

        Raises:
            ScheduleNotFoundError: there is none of that id, or no longer.
            StoreUnavailableError: the store did not answer; whether it is forgotten is unknown.
        """
        await self._changes.remove(schedule_id)
