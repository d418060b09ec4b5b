"""Outages of a server, and its return."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from redis.exceptions import ConnectionError as NotAnsweringError

from postdate.adapters.redis.connection.client import connect
from postdate.domain.errors import StoreUnavailableError
from postdate.domain.lease import Role
from tests.contracts.world import FIRST, StoreWorld, ids_of
from tests.integration.redis.conftest import world_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from tests.integration.servers.private_server import PrivateServer


@pytest.fixture
async def redis(own_server: PrivateServer) -> AsyncIterator[Redis]:
    async with connect(own_server.url) as client:
        yield client


@pytest.fixture
def world(redis: Redis, keys: KeySpace) -> StoreWorld:
    return world_on(redis, keys)


async def test_every_call_raises_if_the_server_is_unavailable(
    world: StoreWorld, own_server: PrivateServer
) -> None:
    lease = await world.lease()
    claimed = await world.claimed(lease)
    own_server.kill()
    for call in (
        world.writer.add([world.message()]),
        world.store.get(claimed.id),
        world.cancel(claimed.id),
        world.claims.claim_due(lease, 1),
        world.claims.settle(lease, [claimed.delivered(world.clock.now())]),
        world.claims.partition_state(FIRST),
        world.locks.acquire(FIRST, "one", lease.ttl),
        world.locks.renew(lease),
        world.locks.release(lease),
        world.locks.acquire_role(lease, Role.LEADER),
        world.locks.resign_role(lease, Role.LEADER),
    ):
        with pytest.raises(StoreUnavailableError):
            await call


async def test_accepted_changes_survive_a_kill_of_the_server(world: StoreWorld, own_server: PrivateServer) -> None:
    lease = await world.lease()
    held = await world.claimed(lease)
    waiting = await world.all_added(3)
    await world.locks.acquire_role(lease, Role.LEADER)
    own_server.kill()
    with pytest.raises(StoreUnavailableError):
        await world.claims.claim_due(lease, 10)
    own_server.start()
    assert await world.claim(lease) == [world.held(message) for message in waiting]
    assert await world.claims.settle(lease, [held.delivered(world.clock.now())]) == frozenset()
    assert Role.LEADER in (await world.claims.partition_state(FIRST)).roles


async def test_every_script_is_loaded_again_after_a_restart_of_the_server(
    world: StoreWorld, own_server: PrivateServer, redis: Redis
) -> None:
    lease = await world.lease()
    held, waiting = await world.claimed(lease), await world.added()
    own_server.kill()
    own_server.start()
    with suppress(NotAnsweringError):
        # The old connection ends here, unless the client has noticed its end already.
        await redis.ping()
    assert await world.locks.renew(lease)
    assert await world.locks.acquire_role(lease, Role.LEADER)
    await world.locks.resign_role(lease, Role.LEADER)
    assert (await world.claims.partition_state(FIRST)).roles == {}
    assert await world.store.get(held.id) == held
    assert await world.cancel(waiting.id) == waiting.cancelled(world.clock.now())
    assert ids_of(await world.all_added(1)) == ids_of(await world.claim(lease))
    assert await world.claims.settle(lease, [held.delivered(world.clock.now())]) == frozenset()
    assert await world.locks.release(lease) == 1
    assert (await world.lease()).token > lease.token


async def test_flushed_scripts_are_loaded_again(world: StoreWorld, redis: Redis) -> None:
    message = await world.added()
    await redis.script_flush()
    assert await world.claim(await world.lease()) == [world.held(message)]
    assert (await world.writer.add([message])).refused == {message.id}


async def test_a_server_that_refuses_the_password_counts_as_unavailable(world: StoreWorld, redis: Redis) -> None:
    await world.added()
    await redis.config_set("requirepass", "changed by an operator")
    await redis.connection_pool.disconnect()
    with pytest.raises(StoreUnavailableError):
        await world.claims.partition_state(FIRST)
