"""A clock that tests set and advance."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

_ROUNDING_ERROR_SECONDS = 1e-9
"""More than the difference between a sum of floats and a wake-up time that was computed in another way."""


class ManualClock:
    """Shows the time that a test sets. When it is advanced, sleepers wake in the order of their wake-up times."""

    def __init__(self, now: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = now
        self._monotonic = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Returns the time that the clock shows."""
        return self._now

    def monotonic(self) -> float:
        """Returns the seconds by which the clock was advanced in total."""
        return self._monotonic

    async def sleep_until(self, wake_at: float) -> None:
        """Sleeps until the clock is advanced to that time."""
        if wake_at <= self._monotonic:
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (wake_at, next(self._order), woken))
        await woken

    @property
    def next_wake(self) -> float | None:
        """The earliest wake-up time of a sleeper, in monotonic seconds; `None` if nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def advance(self, by: timedelta) -> None:
        """Advances the clock, and wakes the sleepers whose time has come."""
        self._now += by
        self._monotonic += by.total_seconds()
        while (wake := self.next_wake) is not None and wake <= self._monotonic + _ROUNDING_ERROR_SECONDS:
            self._monotonic = max(self._monotonic, wake)
            heapq.heappop(self._sleepers)[2].set_result(None)

    def shift_wall(self, by: timedelta) -> None:
        """Sets the wall clock alone, as an operator or a time server does."""
        self._now += by
