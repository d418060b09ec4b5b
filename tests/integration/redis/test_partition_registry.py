from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.partition_registry import RedisPartitionRegistry
from postdate.domain.errors import StoreUnavailableError
from tests.contracts.partition_registry import PartitionRegistryContract
from tests.contracts.world import FIRST

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from tests.integration.servers.private_server import PrivateServer


@pytest.fixture
def registry(redis: Redis, keys: KeySpace) -> RedisPartitionRegistry:
    return RedisPartitionRegistry(redis, keys)


class TestRedisPartitionRegistry(PartitionRegistryContract):
    pass


async def test_what_is_no_number_in_the_set_is_passed_over(
    registry: RedisPartitionRegistry, redis: Redis, keys: KeySpace
) -> None:
    await registry.register([FIRST])
    await redis.sadd(keys.partitions, "by hand")
    assert await registry.known() == {FIRST}


async def test_a_server_that_is_away_makes_the_store_unavailable(
    own_server: PrivateServer, keys: KeySpace
) -> None:
    own_server.kill()
    async with connect(own_server.url) as client:
        registry = RedisPartitionRegistry(client, keys)
        with pytest.raises(StoreUnavailableError):
            await registry.register([FIRST])
        with pytest.raises(StoreUnavailableError):
            await registry.known()


async def test_it_is_there_when_a_server_that_was_killed_is_back(
    own_server: PrivateServer, keys: KeySpace
) -> None:
    async with connect(own_server.url) as client:
        await RedisPartitionRegistry(client, keys).register([FIRST])
    own_server.kill()
    own_server.start()
    async with connect(own_server.url) as client:
        assert await RedisPartitionRegistry(client, keys).known() == {FIRST}
