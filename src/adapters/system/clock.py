"""The clock of this machine."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

MAX_SLEEP_SECONDS = 1.0
"""The longest single sleep. The timers of the event loop stand still while the machine is suspended."""

_BOOT_TIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)
"""The monotonic clock that counts while the machine is suspended. Only Linux has it."""


class SystemClock:
    """Returns this machine's time, and sleeps in the running event loop."""

    def now(self) -> datetime:
        """Returns the time of this machine's wall clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Returns the seconds of this machine's monotonic clock.

        On Linux it counts while the machine is suspended, so that a lease that ran out meanwhile is not trusted.
        Where the system has no such clock, it is the clock of the event loop, which stands still meanwhile.
        """
        return time.monotonic() if _BOOT_TIME is None else time.clock_gettime(_BOOT_TIME)

    async def sleep_until(self, instant: float) -> None:
        """Sleeps until the monotonic clock has reached an instant, in seconds.

        If that happens while the machine is suspended, returns within `MAX_SLEEP_SECONDS` after it resumes.
        """
        # An event loop may end a sleep too early, by up to the resolution of its clock.
        while (left := instant - self.monotonic()) > 0:  # noqa: ASYNC110  # it waits for time, not for a state
            await asyncio.sleep(min(left, MAX_SLEEP_SECONDS))
