"""A server that has reached its memory limit stores no new messages, and those it has are still delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.connection.client import connect
from postdate.domain.errors import StoreFullError
from postdate.domain.lease import Role
from tests.contracts.world import FIRST, TTL, StoreWorld, ids_of
from tests.integration.servers.private_server import private_server, server_binaries

from .conftest import world_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from tests.integration.servers.private_server import PrivateServer


@pytest.fixture(params=server_binaries())
def own_server(request: pytest.FixtureRequest) -> Iterator[PrivateServer]:
    with private_server(keeps_data=True, binary=server_binaries()[request.param]) as server:
        yield server


@pytest.fixture
async def redis(own_server: PrivateServer) -> AsyncIterator[Redis]:
    async with connect(own_server.url) as client:
        yield client


@pytest.fixture
def world(redis: Redis, keys: KeySpace) -> StoreWorld:
    return world_on(redis, keys)


async def fill(redis: Redis) -> None:
    await redis.config_set("maxmemory", 1)


async def test_a_full_store_stores_no_new_message(world: StoreWorld, redis: Redis) -> None:
    await fill(redis)
    messages = world.messages(3)
    with pytest.raises(StoreFullError):
        await world.writer.add(messages)
    assert [await world.store.get(message.id) for message in messages] == [None, None, None]
    assert (await world.claims.partition_state(FIRST)).next_due is None


async def test_a_full_store_delivers_retries_cancels_and_takes_over_its_messages(
    world: StoreWorld, redis: Redis
) -> None:
    messages = await world.all_added(6)
    await fill(redis)
    lease = await world.lease("one")
    assert await world.locks.acquire_role(lease, Role.LEADER)
    assert await world.locks.renew(lease)
    delivered, dead, retried, *held = await world.claim(lease, 5)
    settled = [
        delivered.delivered(world.clock.now()),
        dead.died(world.failure()),
        retried.retried(world.failure(), world.clock.now() + TTL),
    ]
    assert await world.claims.settle(lease, settled) == frozenset()
    assert [await world.store.get(message.id) for message in settled] == settled
    assert await world.cancel(messages[-1].id) == messages[-1].cancelled(world.clock.now())
    world.go_on(TTL)
    heir = await world.lease("heir")
    assert ids_of(await world.claim(heir)) == [*ids_of(held), retried.id]
    assert await world.locks.acquire_role(heir, Role.LEADER)
    await world.locks.resign_role(heir, Role.LEADER)
    assert await world.locks.release(heir) == 3


async def test_messages_are_stored_once_there_is_room_again(world: StoreWorld, redis: Redis) -> None:
    await fill(redis)
    messages = world.messages(1)
    with pytest.raises(StoreFullError):
        await world.writer.add(messages)
    await redis.config_set("maxmemory", 0)
    assert (await world.writer.add(messages)).refused == frozenset()
