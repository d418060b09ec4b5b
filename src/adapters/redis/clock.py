"""The store's clock, known here."""

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
"""Questions asked to set the clock once: the quickest answer says most exactly when it was true."""
SET_AGAIN_AFTER = 10.0
"""Seconds between two settings: by then, clocks that drift apart by 50 ppm differ by half a millisecond."""


class StoreClock(SystemClock):
    """Shows the time of the server, carried on by this machine's monotonic clock.

    So "in 15 minutes" means the store's 15 minutes, however wrong this machine's wall clock is. Until it was set
    for the first time it shows this machine's.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._server_at_zero: datetime | None = None

    def now(self) -> datetime:
        """Returns the server's present, to about half the time that a question and its answer take."""
        if self._server_at_zero is None:
            return datetime.now(UTC)
        return self._server_at_zero + timedelta(seconds=self.monotonic())

    async def set(self) -> None:
        """Asks the server for its time.

        Raises:
            StoreUnavailableError: it did not answer; the clock goes on as it was set before.
        """
        async with answered():
            samples = [await self._sample() for _ in range(SAMPLES)]
        _, self._server_at_zero = min(samples)

    async def keep_set(self) -> None:
        """Sets the clock again and again, until cancelled."""
        while True:
            try:
                await self.set()
            except StoreUnavailableError:
                await self.sleep_until(self.monotonic() + 1)
            else:
                await self.sleep_until(self.monotonic() + SET_AGAIN_AFTER)

    async def _sample(self) -> tuple[float, datetime]:
        """Returns how long the question took, and what the server's clock showed at our monotonic zero."""
        asked_at = self.monotonic()
        seconds, microseconds = await self._redis.time()
        answered_at = self.monotonic()
        shown = EPOCH + timedelta(seconds=seconds, microseconds=microseconds)
        return answered_at - asked_at, shown - timedelta(seconds=(asked_at + answered_at) / 2)
