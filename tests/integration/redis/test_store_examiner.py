from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.store_examiner import RedisStoreExaminer
from postdate.adapters.system.clock import SystemClock
from postdate.application.operations.findings import MIN_VERSIONS
from postdate.domain.errors import StoreUnavailableError
from tests.contracts.store_examiner import StoreExaminerContract
from tests.integration.servers.private_server import private_pair, private_server, server_binaries

from .conftest import allow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from redis.asyncio import Redis

    from tests.integration.servers.private_server import PrivateServer


class _LocalClock(SystemClock):
    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


class _Store:
    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self._clock = _LocalClock()
        self.examiner = RedisStoreExaminer(redis, self._clock)

    async def set_up(self, settings: Mapping[str, str]) -> None:
        for name, text in settings.items():
            await self.redis.config_set(name, text)

    def set_local_clock(self, ahead_of_the_store: timedelta) -> None:
        self._clock.ahead = ahead_of_the_store


@pytest.fixture(scope="module", params=server_binaries())
def one_server(request: pytest.FixtureRequest) -> Iterator[PrivateServer]:
    with private_server(keeps_data=False, binary=server_binaries()[request.param]) as server:
        yield server


@pytest.fixture
async def store(one_server: PrivateServer) -> AsyncIterator[_Store]:
    async with connect(one_server.url) as redis:
        yield _Store(redis)
        await allow(redis, "+@all")
        # A server that is writing its first append-only file cannot be ended.
        for name, text in (("appendonly", "no"), ("save", "")):
            await redis.config_set(name, text)


class TestRedisStoreExaminer(StoreExaminerContract):
    pass


async def test_the_version_is_that_of_the_product_and_not_of_the_compatible_one(
    store: _Store,
) -> None:
    facts, info = await store.examiner.examine(), await store.redis.info("server")
    assert facts.product in MIN_VERSIONS
    assert facts.version is not None
    own = info["valkey_version"] if facts.product == "Valkey" else info["redis_version"]
    assert ".".join(map(str, facts.version)) == own


async def test_facts_that_info_shows_are_read_without_config_get(store: _Store) -> None:
    await store.set_up({"maxmemory-policy": "allkeys-lfu", "appendonly": "yes", "save": "60 1"})
    await allow(store.redis, "-config")
    facts = await store.examiner.examine()
    assert (facts.eviction, facts.appending) == ("allkeys-lfu", True)
    assert (facts.syncing, facts.snapshots) == (None, None)


async def test_facts_that_a_store_does_not_show_are_none(store: _Store) -> None:
    await allow(store.redis, "-config", "-info")
    facts = await store.examiner.examine()
    assert (facts.version, facts.primary, facts.replicas) == (None, None, None)
    assert (facts.eviction, facts.appending, facts.syncing, facts.snapshots) == (None, None, None, None)


async def test_a_store_that_is_away_is_unavailable(own_server: PrivateServer) -> None:
    own_server.kill()
    async with connect(own_server.url) as redis:
        with pytest.raises(StoreUnavailableError):
            await RedisStoreExaminer(redis, SystemClock()).examine()


@pytest.mark.parametrize("name", server_binaries())
async def test_a_primary_and_its_replica_are_told_apart(name: str) -> None:
    with private_pair(server_binaries()[name]) as pair:
        async with connect(pair.primary.url) as primary, connect(pair.replica.url) as replica:
            first = await RedisStoreExaminer(primary, SystemClock()).examine()
            second = await RedisStoreExaminer(replica, SystemClock()).examine()
    assert (first.primary, first.replicas) == (True, 1)
    assert (second.primary, second.replicas) == (False, 0)
