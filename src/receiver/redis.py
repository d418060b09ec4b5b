"""Remembers messages in Redis or Valkey, for all processes of an application."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .deliveries import Verdict

_DONE = b"done"
# Removes the claim of its owner only: once it ran out, another owner may have a claim.
# KEYS[1] the key of the message, ARGV[1] the value of the owner's claim.
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class RedisDeliveries:
    """Remembers messages in Redis or Valkey, with one key for each message."""

    def __init__(
        self,
        redis: Any,  # noqa: ANN401  # redis.asyncio.Redis or valkey.asyncio.Valkey; both packages are optional
        prefix: str = "postdate-received:",
        claim_ttl: timedelta = timedelta(minutes=5),
        retention: timedelta = timedelta(days=3),
    ) -> None:
        """Uses the Redis client of the application; it opens no connection itself.

        Args:
            redis: An asyncio client of redis-py or valkey-py.
            prefix: The prefix of the keys.
            claim_ttl: How long a claim lasts that is neither finished nor released.
            retention: How long a handled message is remembered.
        """
        self._redis = redis
        self._prefix = prefix
        self._claim_ttl_ms = claim_ttl // timedelta(milliseconds=1)
        self._retention_ms = retention // timedelta(milliseconds=1)

    async def claim(self, message_id: str, owner: str) -> Verdict:
        """Claims a message that has no key."""
        existing = await self._redis.set(
            self._prefix + message_id, f"by {owner}", nx=True, get=True, px=self._claim_ttl_ms
        )
        if existing is None:
            return Verdict.NEW
        return Verdict.DONE if existing in (_DONE, _DONE.decode()) else Verdict.IN_PROGRESS

    async def finish(self, message_id: str, owner: str) -> None:  # noqa: ARG002  # any owner may finish it
        """Remembers a message as handled."""
        await self._redis.set(self._prefix + message_id, _DONE, px=self._retention_ms)

    async def release(self, message_id: str, owner: str) -> None:
        """Removes the claim of its owner."""
        await self._redis.eval(_RELEASE, 1, self._prefix + message_id, f"by {owner}")
