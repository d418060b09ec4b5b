"""The partition registry in Redis: a set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.lease import Partition
from .connection.driver_errors import answered

if TYPE_CHECKING:
    from collections.abc import Collection

    from redis.asyncio import Redis

    from .keys import KeySpace


class RedisPartitionRegistry:
    """Keeps the numbers of the partitions in one set per namespace."""

    def __init__(self, redis: Redis, keys: KeySpace) -> None:
        self._redis = redis
        self._keys = keys

    async def register(self, partitions: Collection[Partition]) -> None:
        """Adds partitions by one command."""
        async with answered():
            await self._redis.sadd(self._keys.partitions, *partitions)

    async def known(self) -> frozenset[Partition]:
        """Returns the members of the set that are numbers."""
        async with answered():
            members = await self._redis.smembers(self._keys.partitions)
        return frozenset(Partition(int(member)) for member in members if member.isdigit())
