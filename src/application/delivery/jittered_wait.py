"""A wait of random length, so that instances do not act in step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from ..ports.clock import Clock
    from ..ports.jitter import Jitter
    from ..wake_up import WakeUp


class JitteredWait:
    """Waits for about a given time, or until a wake-up."""

    def __init__(self, wake_up: WakeUp, clock: Clock, jitter: Jitter) -> None:
        self._wake_up = wake_up
        self._clock = clock
        self._jitter = jitter

    async def __call__(self, average: timedelta) -> None:
        """Waits between half and one and a half times `average`. A wake-up ends the wait early."""
        seconds = average.total_seconds() * (0.5 + self._jitter.fraction())
        await self._wake_up.wait_until(self._clock.monotonic() + seconds)
