"""The clock of the store, as this process knows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ...domain.errors import StoreUnavailableError
from ...domain.time.instant import EPOCH
from ..system.clock import SystemClock
from .connection.driver_errors import answered

if TYPE_CHECKING:
    from redis.asyncio import Redis

SAMPLES = 3
"""How often the server is asked for its time when the clock is set. The quickest answer is the most exact one."""
SET_EVERY_SECONDS = 10
"""How long the clock runs before it is set again. Clocks that drift apart by 50 ppm then differ by 0.5 ms."""
RETRY_SECONDS = 1
"""How long to wait after the clock could not be set."""


class StoreClock(SystemClock):
    """Shows the time of the server, extrapolated by the monotonic clock of this machine.

    "In 15 minutes" therefore means 15 minutes of the store, even if the wall clock of this machine is wrong. Until
    it is set for the first time, it shows the time of this machine.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._server_at_zero: datetime | None = None

    def now(self) -> datetime:
        """Returns the time of the server. The error is about half the round trip of a question."""
        if self._server_at_zero is None:
            return datetime.now(UTC)
        return self._server_at_zero + timedelta(seconds=self.monotonic())

    async def set(self) -> None:
        """Sets the clock to the time of the server.

        Raises:
            StoreUnavailableError: The server did not answer. The clock continues as it was set before.
        """
        async with answered():
            samples = [await self._sample() for _ in range(SAMPLES)]
        _, self._server_at_zero = min(samples)

    async def keep_set(self) -> None:
        """Sets the clock periodically, until cancelled."""
        while True:
            try:
                await self.set()
            except StoreUnavailableError:
                await self.sleep_until(self.monotonic() + RETRY_SECONDS)
            else:
                await self.sleep_until(self.monotonic() + SET_EVERY_SECONDS)

    async def _sample(self) -> tuple[float, datetime]:
        """Returns the round trip in seconds, and the time of the server when `monotonic` was 0."""
        asked_at = self.monotonic()
        seconds, microseconds = await self._redis.time()
        answered_at = self.monotonic()
        server_time = EPOCH + timedelta(seconds=seconds, microseconds=microseconds)
        return answered_at - asked_at, server_time - timedelta(seconds=(asked_at + answered_at) / 2)
