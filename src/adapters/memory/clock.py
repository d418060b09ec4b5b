"""A clock that stands still until it is told to go on."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count


class ManualClock:
    """Shows the time that its test sets. Sleepers wake in the order of their times as it is advanced."""

    def __init__(self, now: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = now
        self._monotonic = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Returns the time it shows."""
        return self._now

    def monotonic(self) -> float:
        """Returns the seconds it was advanced by in all."""
        return self._monotonic

    async def sleep_until(self, moment: float) -> None:
        """Sleeps until the clock was advanced to that moment."""
        if moment <= self._monotonic:
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (moment, next(self._order), woken))
        await woken

    @property
    def next_wake(self) -> float | None:
        """When the first sleeper wants to be woken, in monotonic seconds; `None` if nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def advance(self, by: timedelta) -> None:
        """Goes forward and wakes whoever slept until then."""
        self._now += by
        self._monotonic += by.total_seconds()
        # A sum of floats may fall short of the moment a sleeper computed otherwise, by far less than this.
        while (wake := self.next_wake) is not None and wake <= self._monotonic + 1e-9:
            self._monotonic = max(self._monotonic, wake)
            heapq.heappop(self._sleepers)[2].set_result(None)

    def shift_wall(self, by: timedelta) -> None:
        """Sets the wall clock alone, as an operator or a time server does."""
        self._now += by
