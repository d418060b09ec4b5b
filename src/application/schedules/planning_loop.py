"""The loop that plans the schedules of a partition until it is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import StoreUnavailableError
from ...domain.schedules.timetable import MISSED_AFTER
from ..events.events import UnexpectedErrorCaught
from ..wake_up import WakeUp

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...domain.lease import Partition
    from ..ports.clock import Clock
    from ..ports.event_recorder import EventRecorder
    from ..ports.jitter import Jitter
    from .plan_occurrences import PlanningPass, PlanOccurrences

MAX_PAUSE_SECONDS = 0.8
"""The longest pause between two passes, after which new schedules are found.

A new schedule needs no doorbell: its first occurrence was written with it, and the second one is at least a second
later.
"""
DEFER_SECONDS = 0.1
"""How much later, on average, an instance plans if another one was faster the last time."""
ROLE_CHECK_SECONDS = 0.2
"""How often an instance that need not plan checks whether it has to."""
RETRY_SECONDS = 0.2
"""The average time between two passes while the store does not answer."""
_MIN_PAUSE_SECONDS = 0.001


class PlanningLoop:
    """Plans the schedules of a partition, together with other instances.

    The instance that was faster the last time plans at the due time. The others check a little later. Each
    occurrence is written a whole period in advance, so the death of an instance delays none. The instances that
    are not needed for planning ask the store for nothing.
    """

    def __init__(
        self,
        partition: Partition,
        is_needed: Callable[[], bool],
        plan: PlanOccurrences,
        clock: Clock,
        jitter: Jitter,
        events: EventRecorder,
    ) -> None:
        """Plans while `is_needed` returns true. It has to return true in at least one instance."""
        self._partition = partition
        self._plan = plan
        self._clock = clock
        self._jitter = jitter
        self._events = events
        self._is_needed = is_needed
        self._wake_up = WakeUp(clock)
        self._stopping = False
        self._defers = False
        self._failing_since: float | None = None
        self._error_is_recorded = False

    def stop(self) -> None:
        """Asks `run` to end."""
        self._stopping = True
        self._wake_up.wake()

    async def run(self) -> None:
        """Makes passes until stopped. An error of the store does not end it."""
        while not self._stopping:
            self._wake_up.reset()
            pause_seconds = await self._make_pass() if self._is_needed() else ROLE_CHECK_SECONDS
            await self._wake_up.wait_until(self._clock.monotonic() + pause_seconds)

    async def run_once(self) -> bool:
        """Plans what is due now; returns whether there is more to plan once that is delivered.

        Raises:
            StoreUnavailableError: The store did not answer.
        """
        return await self._plan.all_due(self._partition)

    async def _make_pass(self) -> float:
        """Makes a pass; returns the seconds until the next one."""
        try:
            planning_pass = await self._plan(self._partition)
        except Exception as error:  # noqa: BLE001  # an unexpected error must not end the planning
            self._record(error)
            return RETRY_SECONDS * (0.5 + self._jitter.fraction())
        self._failing_since, self._error_is_recorded = None, False
        return self._seconds_until_next(planning_pass)

    def _seconds_until_next(self, planning_pass: PlanningPass) -> float:
        if planning_pass.wrote_all is not None:
            self._defers = not planning_pass.wrote_all
        seconds = MAX_PAUSE_SECONDS
        if planning_pass.next_at is not None:
            until = (planning_pass.next_at - planning_pass.now).total_seconds()
            seconds = min(max(until, _MIN_PAUSE_SECONDS), MAX_PAUSE_SECONDS)
        if self._defers:
            seconds += DEFER_SECONDS * (0.5 + self._jitter.fraction())
        return seconds

    def _record(self, error: Exception) -> None:
        """Records the first of a series of errors.

        A store that does not answer is recorded only once occurrences are missed because of it.
        """
        now = self._clock.monotonic()
        if self._failing_since is None:
            self._failing_since = now
        is_outage = isinstance(error, StoreUnavailableError)
        is_short = now - self._failing_since < MISSED_AFTER.total_seconds()
        if not self._error_is_recorded and not (is_outage and is_short):
            self._events.record(UnexpectedErrorCaught(self._partition, error))
            self._error_is_recorded = True
