"""A sleep that can be ended early."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .end_task import end_task

if TYPE_CHECKING:
    from .ports.clock import Clock


class WakeUp:
    """Lets one task sleep until any event wakes it: a ring of the doorbell, free capacity, a request to stop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Wakes the sleeper. If none sleeps, the next sleep ends at once."""
        self._woken.set()

    def reset(self) -> None:
        """Forgets all calls of `wake` so far.

        To be called before the sleeper checks its conditions, so that a `wake` during the check is not lost.
        """
        self._woken.clear()

    async def wait(self) -> None:
        """Returns once woken."""
        await self._woken.wait()

    async def wait_until(self, monotonic_seconds: float) -> None:
        """Returns once woken, or once the clock's monotonic time has reached `monotonic_seconds`."""
        if self._woken.is_set() or self._clock.monotonic() >= monotonic_seconds:
            return
        timer = asyncio.create_task(self._clock.sleep_until(monotonic_seconds))
        timer.add_done_callback(lambda _: self._woken.set())
        try:
            await self._woken.wait()
        finally:
            await end_task(timer)
