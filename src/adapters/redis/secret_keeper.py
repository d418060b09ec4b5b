"""The secret keeper in Redis: a string."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .connection.driver_errors import answered

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from .keys import KeySpace


class RedisSecretKeeper:
    """Keeps the secret that is proposed first, in a key that never expires."""

    def __init__(self, redis: Redis, keys: KeySpace) -> None:
        self._redis = redis
        self._key = keys.webhook_secret

    async def keep(self, proposed: str) -> str:
        """Stores the proposed secret if none is stored yet; returns the stored one."""
        async with answered():
            stored = await self._redis.set(self._key, proposed, nx=True, get=True)
        return stored.decode() if isinstance(stored, bytes) else proposed
