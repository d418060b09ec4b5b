"""The clock of this machine."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """Returns this machine's time, and sleeps in the running event loop."""

    def now(self) -> datetime:
        """Returns the time of this machine's wall clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Returns the seconds of this machine's monotonic clock, which is also the clock of event loops."""
        return time.monotonic()

    async def sleep_until(self, instant: float) -> None:
        """Sleeps until the monotonic clock has reached an instant, in seconds."""
        # An event loop may end a sleep too early, by up to the resolution of its clock.
        while (left := instant - self.monotonic()) > 0:  # noqa: ASYNC110  # it waits for time, not for a state
            await asyncio.sleep(left)
