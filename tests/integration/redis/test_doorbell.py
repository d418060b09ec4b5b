from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.connection import driver_errors as errors
from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.doorbell import RedisDoorbell
from postdate.adapters.system.clock import SystemClock
from tests.contracts.doorbell import DoorbellContract, Ear
from tests.contracts.world import FIRST

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from postdate.application.ports.doorbell import Doorbell
    from postdate.domain.lease import Partition
    from tests.integration.servers.private_server import PrivateServer


@asynccontextmanager
async def listening(doorbell: Doorbell, partition: Partition = FIRST) -> AsyncIterator[Ear]:
    ear = Ear()
    async with doorbell.listen(partition, ear):
        await ear.hears_one()
        yield ear


@pytest.fixture
def doorbell(redis: Redis, keys: KeySpace) -> RedisDoorbell:
    return RedisDoorbell(redis, keys, SystemClock())


class TestRedisDoorbell(DoorbellContract):
    @asynccontextmanager
    async def listening(self, doorbell: Doorbell, partition: Partition = FIRST) -> AsyncIterator[Ear]:
        async with listening(doorbell, partition) as ear:
            yield ear


@pytest.fixture
async def at_own_server(own_server: PrivateServer) -> AsyncIterator[Redis]:
    async with connect(own_server.url) as client:
        yield client


async def test_a_new_subscription_counts_as_a_ring(redis: Redis, keys: KeySpace) -> None:
    doorbell, ear = RedisDoorbell(redis, keys, SystemClock()), Ear()
    async with doorbell.listen(FIRST, ear):
        await ear.hears_one()


async def test_a_listener_subscribes_again_after_its_server_was_killed(
    at_own_server: Redis, own_server: PrivateServer, keys: KeySpace
) -> None:
    doorbell = RedisDoorbell(at_own_server, keys, SystemClock())
    async with listening(doorbell) as ear:
        own_server.kill()
        own_server.start()
        await ear.hears_one()
        doorbell.ring({FIRST})
        await ear.hears_one()


async def test_ringing_and_listening_survive_a_server_that_is_away(
    at_own_server: Redis, own_server: PrivateServer, keys: KeySpace
) -> None:
    own_server.kill()
    doorbell, ear = RedisDoorbell(at_own_server, keys, SystemClock()), Ear()
    doorbell.ring({FIRST})
    async with doorbell.listen(FIRST, ear):
        assert ear.rings == 0
        own_server.start()
        await ear.hears_one()
        doorbell.ring({FIRST})
        await ear.hears_one()


async def test_a_subscription_without_rings_does_not_time_out(
    redis: Redis, keys: KeySpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "MAX_ANSWER_SECONDS", 0.02)
    clock = SystemClock()
    doorbell = RedisDoorbell(redis, keys, clock)
    async with listening(doorbell) as ear:
        await clock.sleep_until(clock.monotonic() + 0.05)
        assert ear.rings == 1
        doorbell.ring({FIRST})
        await ear.hears_one()
