"""The doorbell in Redis: a channel for each partition."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from ...application.end_task import end_task
from ...domain.errors import StoreUnavailableError
from .connection.driver_errors import answered, translated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection

    from redis.asyncio import Redis

    from ...application.ports.clock import Clock
    from ...domain.lease import Partition
    from .keys import KeySpace

RESUBSCRIBE_SECONDS = 0.5
"""How long to wait before a lost subscription is tried again."""


class RedisDoorbell:
    """Publishes rings in the background, and subscribes again after a lost connection."""

    def __init__(self, redis: Redis, keys: KeySpace, clock: Clock) -> None:
        self._redis = redis
        self._keys = keys
        self._clock = clock
        self._to_ring: set[Partition] = set()
        self._ringing: asyncio.Task[None] | None = None

    def ring(self, partitions: Collection[Partition]) -> None:
        """Publishes a ring in each partition, in a task. Rings during one round trip become one."""
        self._to_ring.update(partitions)
        if self._ringing is None or self._ringing.done():
            self._ringing = asyncio.create_task(self._ring_all())

    async def _ring_all(self) -> None:
        while self._to_ring:
            partition = self._to_ring.pop()
            with suppress(StoreUnavailableError):
                async with answered():
                    await self._redis.publish(self._keys[partition].doorbell, b"")

    @asynccontextmanager
    async def listen(self, partition: Partition, on_ring: Callable[[], None]) -> AsyncIterator[None]:
        """Listens in a task while the context is open."""
        listening = asyncio.create_task(self._listen_forever(self._keys[partition].doorbell, on_ring))
        try:
            yield
        finally:
            await end_task(listening)

    async def _listen_forever(self, channel: str, on_ring: Callable[[], None]) -> None:
        while True:
            with suppress(StoreUnavailableError), translated():
                await self._listen(channel, on_ring)
            await self._clock.sleep_until(self._clock.monotonic() + RESUBSCRIBE_SECONDS)

    async def _listen(self, channel: str, on_ring: Callable[[], None]) -> None:
        """Calls `on_ring` for each ring, and once for the subscription: rings before it were missed."""
        async with self._redis.pubsub() as subscription:
            async with answered():
                await subscription.subscribe(channel)
            while True:
                if await subscription.get_message(timeout=None) is not None:
                    on_ring()
