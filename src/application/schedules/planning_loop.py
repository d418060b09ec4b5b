"""Passes over the schedules of a partition until stopped."""

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
    from .plan_occurrences import Pass, PlanOccurrences

LOOK_AGAIN_AFTER = 0.8
"""Seconds after which a pass is made in any case, to find what is new.

A new schedule needs no bell: its first occurrence was written with it, and the second one is never less than a
second later.
"""
STAND_BACK = 0.1
"""Seconds, on average, that an instance leaves to another which came first the last time."""
REST = 0.2
"""Seconds until an instance that need not plan looks at itself again, whether it has to now."""
RETRY_AFTER = 0.2
"""Seconds until a store that is away is asked again."""
_MIN_PAUSE = 0.001


class PlanningLoop:
    """Plans in one partition, together with the other instances there are.

    Who came first goes on to plan at the very moment; the others look a little later whether it has. Since each
    occurrence is written a whole period ahead, the death of any of them makes none late. Few are enough: the
    others ask the store for nothing.
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
        """Plans while `is_needed` returns true, as it does for one instance at least."""
        self._partition = partition
        self._plan = plan
        self._clock = clock
        self._jitter = jitter
        self._events = events
        self._is_needed = is_needed
        self._wake_up = WakeUp(clock)
        self._stopping = False
        self._stands_back = False
        self._failing_since: float | None = None
        self._told = False

    def stop(self) -> None:
        """Asks `run` to end."""
        self._stopping = True
        self._wake_up.wake()

    async def run(self) -> None:
        """Makes passes until stopped, whatever the store does meanwhile."""
        while not self._stopping:
            self._wake_up.reset()
            pause = await self._look() if self._is_needed() else REST
            await self._wake_up.wait_until(self._clock.monotonic() + pause)

    async def run_once(self) -> bool:
        """Plans what is due now; returns whether more is to be planned once that is delivered.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        return await self._plan.all_due(self._partition)

    async def _look(self) -> float:
        """Makes a pass; returns the seconds until the next one."""
        try:
            made = await self._plan(self._partition)
        except Exception as error:  # noqa: BLE001  # one unforeseen fault must not end all planning
            self._tell(error)
            return RETRY_AFTER * (0.5 + self._jitter.fraction())
        self._failing_since, self._told = None, False
        return self._until_next(made)

    def _until_next(self, made: Pass) -> float:
        if made.came_first is not None:
            self._stands_back = not made.came_first
        pause = LOOK_AGAIN_AFTER
        if made.next_at is not None:
            until = (made.next_at - made.now).total_seconds()
            pause = min(max(until, _MIN_PAUSE), LOOK_AGAIN_AFTER)
        if self._stands_back:
            pause += STAND_BACK * (0.5 + self._jitter.fraction())
        return pause

    def _tell(self, error: Exception) -> None:
        """Says what is wrong, once: of a store that is away only when occurrences will be missed because of it."""
        now = self._clock.monotonic()
        if self._failing_since is None:
            self._failing_since = now
        away = isinstance(error, StoreUnavailableError)
        if not self._told and not (away and now - self._failing_since < MISSED_AFTER.total_seconds()):
            self._events.record(UnexpectedErrorCaught(self._partition, error))
            self._told = True
