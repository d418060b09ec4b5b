from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.secret_keeper import RedisSecretKeeper
from postdate.domain.errors import StoreUnavailableError
from tests.contracts.secret_keeper import SecretKeeperContract

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace


class TestRedisSecretKeeper(SecretKeeperContract):
    @pytest.fixture
    async def keeper(self, redis: Redis, keys: KeySpace) -> AsyncIterator[RedisSecretKeeper]:
        yield RedisSecretKeeper(redis, keys)
        await redis.unlink(keys.webhook_secret)

    @pytest.fixture
    async def other(self, server_url: str, keys: KeySpace) -> AsyncIterator[RedisSecretKeeper]:
        client = connect(server_url)
        yield RedisSecretKeeper(client, keys)
        await client.aclose()

    async def test_a_secret_never_expires(self, keeper: RedisSecretKeeper, redis: Redis, keys: KeySpace) -> None:
        await keeper.keep("whsec_first")
        assert await redis.ttl(keys.webhook_secret) == -1


async def test_a_store_that_is_away_keeps_nothing(keys: KeySpace) -> None:
    client = connect("redis://127.0.0.1:1")
    with pytest.raises(StoreUnavailableError):
        await RedisSecretKeeper(client, keys).keep("whsec_first")
    await client.aclose()
