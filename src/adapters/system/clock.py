"""The clock of this machine."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """Tells this machine's time, and sleeps in the running event loop."""

    def now(self) -> datetime:
        """Returns the present of this machine's wall clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Returns the seconds of this machine's monotonic clock, which event loops count by as well."""
        return time.monotonic()

    async def sleep_until(self, moment: float) -> None:
        """Sleeps until the monotonic clock has come to that moment."""
        # An event loop may wake a sleeper up to its own resolution too early.
        while (left := moment - self.monotonic()) > 0:  # noqa: ASYNC110  # it waits for time, not for a state
            await asyncio.sleep(left)
