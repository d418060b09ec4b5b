"""A Redis client whose scripts tests can interrupt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from redis.asyncio import Redis

    from tests.contracts.interruptible_schedules import Connection


def redis_over(redis: Redis, connection: Connection) -> Any:  # noqa: ANN401  # it stands for a client
    """Returns a client that runs nothing but scripts, each as a command over the connection."""
    return _InterruptibleRedis(redis, connection)


class _InterruptibleRedis:
    def __init__(self, redis: Redis, connection: Connection) -> None:
        self._redis = redis
        self._connection = connection

    def register_script(self, source: str) -> Callable[..., Awaitable[object]]:
        script = self._redis.register_script(source)

        async def run(*, keys: Sequence[str], args: Sequence[bytes | str | int]) -> object:
            return await self._connection.through("script", lambda: script(keys=keys, args=args))

        return run
