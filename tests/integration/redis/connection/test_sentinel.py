"""A primary that sentinels monitor: hangs, failovers and outages of the primary and of the sentinels."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.connection import driver_errors, sentinel
from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.doorbell import RedisDoorbell
from postdate.adapters.system.clock import SystemClock
from postdate.domain.errors import StoreUnavailableError
from tests.contracts.doorbell import Ear
from tests.contracts.world import FIRST
from tests.integration.redis.conftest import world_on
from tests.integration.servers.private_server import first_binary
from tests.integration.servers.sentinel_servers import SENTINEL_PASSWORD, SentinelServers, sentinel_servers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from tests.contracts.world import StoreWorld

MAX_WAIT_SECONDS = 20


@pytest.fixture
def servers() -> Iterator[SentinelServers]:
    with sentinel_servers(first_binary()) as started:
        yield started


@pytest.fixture
async def redis(servers: SentinelServers) -> AsyncIterator[Redis]:
    async with connect(servers.url) as client:
        yield client


@pytest.fixture
def world(redis: Redis, keys: KeySpace) -> StoreWorld:
    return world_on(redis, keys)


@asynccontextmanager
async def time_limit() -> AsyncIterator[None]:
    async with asyncio.timeout(MAX_WAIT_SECONDS):
        yield


async def add_until_stored(world: StoreWorld) -> None:
    """Adds messages until the store answers. The store may be unavailable at first."""
    async with time_limit():
        while True:
            with suppress(StoreUnavailableError):
                await world.added()
                return


async def test_a_primary_that_hangs_is_replaced_by_its_successor(
    servers: SentinelServers, world: StoreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_errors, "MAX_ANSWER_SECONDS", 0.5)
    await world.added()
    servers.replicated()
    servers.primary.pause()
    await add_until_stored(world)
    assert servers.replica.ask("ROLE")[0] == b"master"
    assert len(await world.claim(await world.lease())) == 2


async def test_a_replaced_primary_is_abandoned_before_it_knows_of_its_replacement(
    servers: SentinelServers, world: StoreWorld, redis: Redis, keys: KeySpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentinel, "CHECK_SECONDS", 0.1)
    # A command that is running during the failover must not leave its connection to the next command.
    blocking = asyncio.ensure_future(redis.blpop(["a key"]))
    await world.added()
    servers.replicated()
    servers.switch()
    with servers.replica.client() as new:
        async with time_limit():
            while new.hlen(keys[FIRST].messages) == 1:
                await asyncio.gather(*(world.added() for _ in range(3)))
        servers.primary.ask("LPUSH", "a key", "a value")
        await blocking
        before = int(str(new.hlen(keys[FIRST].messages)))
        await asyncio.gather(*(world.added() for _ in range(10)))
        assert new.hlen(keys[FIRST].messages) == before + 10
    assert servers.primary.ask("ROLE")[0] == b"master", (
        "the old primary knows of its replacement, so the test shows nothing"
    )


async def test_a_primary_that_reports_that_it_is_a_replica_is_abandoned(
    servers: SentinelServers, world: StoreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentinel, "CHECK_SECONDS", 3600.0)
    await world.added()
    servers.replicated()
    servers.switch()
    servers.primary.ask("REPLICAOF", "127.0.0.1", servers.replica.port)
    with pytest.raises(StoreUnavailableError):
        await world.added()
    await add_until_stored(world)
    assert len(await world.claim(await world.lease())) == 2


async def test_a_sentinel_that_hangs_does_not_prevent_a_connection(servers: SentinelServers) -> None:
    servers.sentinels[0].pause()
    async with connect(servers.url) as client, driver_errors.answered():
        assert await client.ping()


async def test_a_sentinel_that_hung_is_asked_again_after_concurrent_questions(
    servers: SentinelServers,
) -> None:
    first, *others = servers.sentinels
    first.pause()
    async with connect(servers.url) as client:
        # Each ping has its own connection, so all of them ask the sentinels at the same time.
        await asyncio.gather(*(client.ping() for _ in range(5)))
        first.resume()
        for each in others:
            each.kill()
        await client.connection_pool.disconnect()
        async with time_limit(), driver_errors.answered():
            assert await client.ping()


async def test_unavailable_sentinels_do_not_affect_an_open_connection(
    servers: SentinelServers, world: StoreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentinel, "CHECK_SECONDS", 0.0)
    await world.added()
    for each in servers.sentinels:
        each.kill()
    for _ in range(5):
        await world.added()


@pytest.mark.parametrize("wrong", ["password", "service"])
async def test_a_refusal_of_the_sentinels_makes_the_store_unavailable(
    servers: SentinelServers, wrong: str
) -> None:
    url = {
        "password": servers.url.replace(SENTINEL_PASSWORD, "wrong"),
        "service": servers.url.replace("/postdate/", "/another/"),
    }[wrong]
    async with connect(url) as client:
        with pytest.raises(StoreUnavailableError):
            async with driver_errors.answered():
                await client.ping()


async def test_a_listener_reconnects_to_the_new_primary(
    servers: SentinelServers, redis: Redis, keys: KeySpace
) -> None:
    doorbell, ear = RedisDoorbell(redis, keys, SystemClock()), Ear()
    async with doorbell.listen(FIRST, ear):
        await ear.hears_one()
        servers.primary.kill()
        await ear.hears_one()
        doorbell.ring({FIRST})
        await ear.hears_one()
    assert servers.replica.ask("ROLE")[0] == b"master"


async def test_a_new_listener_of_a_primary_that_hangs_reconnects_to_its_successor(
    servers: SentinelServers, redis: Redis, keys: KeySpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_errors, "MAX_ANSWER_SECONDS", 0.5)
    servers.primary.pause()
    doorbell, ear = RedisDoorbell(redis, keys, SystemClock()), Ear()
    async with doorbell.listen(FIRST, ear):
        await ear.hears_one()
    assert servers.replica.ask("ROLE")[0] == b"master"
