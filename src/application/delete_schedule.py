"""The use case that ends a schedule for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..domain.instant import whole_ms

if TYPE_CHECKING:
    from .ports.clock import Clock
    from .schedule_changes import ScheduleChanges


class DeleteSchedule:
    """Forgets a schedule for good. What is under way already is delivered."""

    def __init__(self, changes: ScheduleChanges, clock: Clock) -> None:
        self._changes = changes
        self._clock = clock

    async def __call__(self, schedule_id: str) -> None:
        """Forgets a schedule and withdraws its next occurrence.

        Raises:
            ScheduleNotFoundError: there is none of that id, or no longer.
            StoreUnavailableError: the store did not answer; whether it is forgotten is unknown.
        """
        await self._changes.remove(schedule_id, whole_ms(self._clock.now()))
