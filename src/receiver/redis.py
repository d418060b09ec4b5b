"""Messages remembered in Redis or Valkey, by all processes of an application."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .deliveries import Verdict

_DONE = b"done"
# Only the claim's own owner may end it: after it ran out, another may hold one.
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class RedisDeliveries:
    """Keeps one key for each message."""

    def __init__(
        self,
        redis: Any,  # noqa: ANN401  # redis.asyncio.Redis or valkey.asyncio.Valkey, which need not be installed
        prefix: str = "postdate-received:",
        claim: timedelta = timedelta(minutes=5),
        remember: timedelta = timedelta(days=3),
    ) -> None:
        """Takes an asynchronous client, a prefix for its keys, how long a claim holds, how long to remember."""
        self._redis = redis
        self._prefix = prefix
        self._claim_ms = claim // timedelta(milliseconds=1)
        self._remember_ms = remember // timedelta(milliseconds=1)

    async def claim(self, message_id: str, owner: str) -> Verdict:
        """Claims a message that has no key."""
        held = await self._redis.set(
            self._prefix + message_id, f"by {owner}", nx=True, get=True, px=self._claim_ms
        )
        if held is None:
            return Verdict.NEW
        return Verdict.DONE if held in (_DONE, _DONE.decode()) else Verdict.IN_PROGRESS

    async def finish(self, message_id: str, owner: str) -> None:  # noqa: ARG002  # whoever has handled it
        """Remembers a message as handled."""
        await self._redis.set(self._prefix + message_id, _DONE, px=self._remember_ms)

    async def release(self, message_id: str, owner: str) -> None:
        """Forgets a claim."""
        await self._redis.eval(_RELEASE, 1, self._prefix + message_id, f"by {owner}")
