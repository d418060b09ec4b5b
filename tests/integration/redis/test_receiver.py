from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.receiver import RedisDeliveries
from tests.contracts.deliveries import DeliveriesContract

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis


class TestRedisDeliveries(DeliveriesContract):
    @pytest.fixture
    async def deliveries(self, redis: Redis, namespace: str) -> AsyncIterator[RedisDeliveries]:
        yield RedisDeliveries(redis, prefix=f"{namespace}:")
        await redis.unlink(f"{namespace}:a", f"{namespace}:b")

    async def test_every_key_expires(self, deliveries: RedisDeliveries, redis: Redis, namespace: str) -> None:
        await deliveries.claim("a", "one")
        assert 299_000 < await redis.pttl(f"{namespace}:a") <= 300_000
        await deliveries.finish("a", "one")
        assert 3 * 86_000_000 < await redis.pttl(f"{namespace}:a") <= 3 * 86_400_000
