"""Wakes one sleeper, at a set time or before."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .end_task import end

if TYPE_CHECKING:
    from .ports.clock import Clock


class WakeUp:
    """Something to sleep on that anything may cut short: a ring, a freed place, a request to stop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wakes the sleeper, or spares it the next sleep."""
        self._rung.set()

    def reset(self) -> None:
        """Forgets rings so far. Before looking at the world, so that a ring during the look is not lost."""
        self._rung.clear()

    async def sleep(self) -> None:
        """Returns once rung."""
        await self._rung.wait()

    async def sleep_until(self, moment: float) -> None:
        """Returns once rung, or once the clock's monotonic time has come to that moment."""
        if self._rung.is_set() or self._clock.monotonic() >= moment:
            return
        timer = asyncio.create_task(self._clock.sleep_until(moment))
        timer.add_done_callback(lambda _: self._rung.set())
        try:
            await self._rung.wait()
        finally:
            await end(timer)
