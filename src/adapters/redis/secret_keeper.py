"""A secret in Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .connection.driver_errors import answered

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from .keys import KeySpace


class RedisSecretKeeper:
    """Keeps the first secret that is proposed under a key of its own, which never expires."""

    def __init__(self, redis: Redis, keys: KeySpace) -> None:
        self._redis = redis
        self._key = keys.webhook_secret

    async def keep(self, proposed: str) -> str:
        """Keeps a secret unless one is kept already; returns the one that is."""
        async with answered():
            kept = await self._redis.set(self._key, proposed, nx=True, get=True)
        return kept.decode() if isinstance(kept, bytes) else proposed
