"""Wakes one sleeper, at a set time or before."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .end_task import end_task

if TYPE_CHECKING:
    from .ports.clock import Clock


class WakeUp:
    """Something to sleep on that anything may cut short: a ring, a freed place, a request to stop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Wakes the sleeper, or spares it the next sleep."""
        self._woken.set()

    def reset(self) -> None:
        """Forgets rings so far. Before looking at the world, so that a ring during the look is not lost."""
        self._woken.clear()

    async def wait(self) -> None:
        """Returns once rung."""
        await self._woken.wait()

    async def wait_until(self, moment: float) -> None:
        """Returns once rung, or once the clock's monotonic time has come to that moment."""
        if self._woken.is_set() or self._clock.monotonic() >= moment:
            return
        timer = asyncio.create_task(self._clock.sleep_until(moment))
        timer.add_done_callback(lambda _: self._woken.set())
        try:
            await self._woken.wait()
        finally:
            await end_task(timer)
