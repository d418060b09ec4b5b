"""A primary that sentinels watch over, and what may happen to it and to them."""

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

PATIENCE_SECONDS = 20


@pytest.fixture
def watched() -> Iterator[SentinelServers]:
    with sentinel_servers(first_binary()) as servers:
        yield servers


@pytest.fixture
async def redis(watched: SentinelServers) -> AsyncIterator[Redis]:
    async with connect(watched.url) as client:
        yield client


@pytest.fixture
def world(redis: Redis, keys: KeySpace) -> StoreWorld:
    return world_on(redis, keys)


@asynccontextmanager
async def patience() -> AsyncIterator[None]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        yield


async def added_at_last(world: StoreWorld) -> None:
    """Adds messages until the store has answered one; it may be away for a while."""
    async with patience():
        while True:
            with suppress(StoreUnavailableError):
                await world.added()
                return


async def test_a_primary_that_hangs_is_left_for_the_one_that_takes_its_place(
    watched: SentinelServers, world: StoreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_errors, "ANSWER_WITHIN_SECONDS", 0.5)
    await world.added()
    watched.replicated()
    watched.primary.pause()
    await added_at_last(world)
    assert watched.replica.ask("ROLE")[0] == b"master"
    assert len(await world.claim(await world.lease())) == 2


async def test_a_primary_that_does_not_know_yet_that_it_was_replaced_is_left(
    watched: SentinelServers, world: StoreWorld, redis: Redis, keys: KeySpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentinel, "LOOK_EVERY_SECONDS", 0.1)
    # A command that is under way meanwhile must not keep its connection for the next one.
    blocking = asyncio.ensure_future(redis.blpop(["a key"]))
    await world.added()
    watched.replicated()
    watched.switch()
    with watched.replica.client() as new:
        async with patience():
            while new.hlen(keys[FIRST].messages) == 1:
                await asyncio.gather(*(world.added() for _ in range(3)))
        watched.primary.ask("LPUSH", "a key", "a value")
        await blocking
        before = int(str(new.hlen(keys[FIRST].messages)))
        await asyncio.gather(*(world.added() for _ in range(10)))
        assert new.hlen(keys[FIRST].messages) == before + 10
    assert watched.primary.ask("ROLE")[0] == b"master", "it knows already, so this shows nothing"


async def test_a_primary_that_says_that_it_is_a_replica_is_left(
    watched: SentinelServers, world: StoreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentinel, "LOOK_EVERY_SECONDS", 3600.0)
    await world.added()
    watched.replicated()
    watched.switch()
    watched.primary.ask("REPLICAOF", "127.0.0.1", watched.replica.port)
    with pytest.raises(StoreUnavailableError):
        await world.added()
    await added_at_last(world)
    assert len(await world.claim(await world.lease())) == 2


async def test_a_sentinel_that_hangs_keeps_nobody_from_the_primary(watched: SentinelServers) -> None:
    watched.sentinels[0].pause()
    async with connect(watched.url) as client, driver_errors.answered():
        assert await client.ping()


async def test_a_sentinel_that_hung_is_asked_again_later_however_many_asked_meanwhile(
    watched: SentinelServers,
) -> None:
    first, *others = watched.sentinels
    first.pause()
    async with connect(watched.url) as client:
        # Each on a connection of its own, so all ask the sentinels at once.
        await asyncio.gather(*(client.ping() for _ in range(5)))
        first.resume()
        for each in others:
            each.kill()
        await client.connection_pool.disconnect()
        async with patience(), driver_errors.answered():
            assert await client.ping()


async def test_sentinels_that_are_away_do_not_matter_to_who_is_connected(
    watched: SentinelServers, world: StoreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentinel, "LOOK_EVERY_SECONDS", 0.0)
    await world.added()
    for each in watched.sentinels:
        each.kill()
    for _ in range(5):
        await world.added()


@pytest.mark.parametrize("wrong", ["password", "service"])
async def test_what_the_sentinels_refuse_makes_the_store_unavailable(watched: SentinelServers, wrong: str) -> None:
    url = {
        "password": watched.url.replace(SENTINEL_PASSWORD, "wrong"),
        "service": watched.url.replace("/postdate/", "/another/"),
    }[wrong]
    async with connect(url) as client:
        with pytest.raises(StoreUnavailableError):
            async with driver_errors.answered():
                await client.ping()


async def test_a_listener_follows_to_the_new_primary(
    watched: SentinelServers, redis: Redis, keys: KeySpace
) -> None:
    doorbell, ear = RedisDoorbell(redis, keys, SystemClock()), Ear()
    async with doorbell.listen(FIRST, ear):
        await ear.hears_one()
        watched.primary.kill()
        await ear.hears_one()
        doorbell.ring({FIRST})
        await ear.hears_one()
    assert watched.replica.ask("ROLE")[0] == b"master"


async def test_who_begins_to_listen_at_a_primary_that_hangs_follows_too(
    watched: SentinelServers, redis: Redis, keys: KeySpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_errors, "ANSWER_WITHIN_SECONDS", 0.5)
    watched.primary.pause()
    doorbell, ear = RedisDoorbell(redis, keys, SystemClock()), Ear()
    async with doorbell.listen(FIRST, ear):
        await ear.hears_one()
    assert watched.replica.ask("ROLE")[0] == b"master"
