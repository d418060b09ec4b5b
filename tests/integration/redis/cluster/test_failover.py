"""Nodes of a cluster that end or hang."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.connection import driver_errors as errors
from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.doorbell import RedisDoorbell
from postdate.adapters.system.clock import SystemClock
from postdate.domain.errors import StoreUnavailableError
from tests.contracts.doorbell import Ear
from tests.contracts.world import FIRST
from tests.integration.redis.conftest import world_on
from tests.integration.servers.cluster_servers import ClusterServers, cluster_servers
from tests.integration.servers.port_servers import HOST, port_server
from tests.integration.servers.private_server import first_binary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from tests.contracts.world import StoreWorld
    from tests.integration.servers.port_servers import PortServer

MAX_WAIT_SECONDS = 20


@pytest.fixture
def own_cluster() -> Iterator[ClusterServers]:
    with cluster_servers(first_binary(), replicas=True) as servers:
        yield servers


@pytest.fixture
def server_on_a_port() -> Iterator[PortServer]:
    with port_server(first_binary()) as server:
        yield server


@pytest.fixture
async def redis(own_cluster: ClusterServers) -> AsyncIterator[Redis]:
    async with connect(own_cluster.url) as client:
        yield client


@pytest.fixture
def world(redis: Redis, keys: KeySpace) -> StoreWorld:
    return world_on(redis, keys)


@pytest.fixture
def master(own_cluster: ClusterServers, keys: KeySpace) -> PortServer:
    """The master that has the first partition."""
    return own_cluster.master_of(keys[FIRST].messages)


async def add_until_stored(world: StoreWorld) -> None:
    """Adds messages until the store answers. The store may be unavailable at first."""
    async with asyncio.timeout(MAX_WAIT_SECONDS):
        while True:
            with suppress(StoreUnavailableError):
                await world.added()
                return


async def test_a_master_that_hangs_is_replaced_by_its_successor(
    own_cluster: ClusterServers, master: PortServer, world: StoreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "MAX_ANSWER_SECONDS", 0.5)
    await world.added()
    own_cluster.replicated()
    master.pause()
    await add_until_stored(world)
    assert len(await world.claim(await world.lease())) == 2


async def test_a_killed_master_is_replaced_by_its_successor(
    own_cluster: ClusterServers, master: PortServer, world: StoreWorld
) -> None:
    await world.added()
    own_cluster.replicated()
    master.kill()
    with pytest.raises(StoreUnavailableError):
        await world.added()
    await add_until_stored(world)
    assert len(await world.claim(await world.lease())) == 2


async def test_a_planned_failover_of_a_master_causes_no_error(
    own_cluster: ClusterServers, master: PortServer, world: StoreWorld
) -> None:
    await world.added()
    replica = own_cluster.replica_of(master)
    replica.ask("CLUSTER", "FAILOVER")
    replica.require(lambda client: client.info("replication")["role"] == "master")
    await world.added()
    assert len(await world.claim(await world.lease())) == 2


async def test_a_listener_reconnects_to_another_node_if_its_node_is_killed(
    own_cluster: ClusterServers, redis: Redis, keys: KeySpace
) -> None:
    doorbell, ear = RedisDoorbell(redis, keys, SystemClock()), Ear()
    async with doorbell.listen(FIRST, ear):
        await ear.hears_one()
        own_cluster.listener_of(keys[FIRST].doorbell).kill()
        await ear.hears_one()
        assert own_cluster.listener_of(keys[FIRST].doorbell).runs


async def test_one_node_is_enough_to_find_the_other_nodes(
    own_cluster: ClusterServers, master: PortServer, keys: KeySpace
) -> None:
    (seed, *_) = (node for node in own_cluster.nodes if node is not master)
    async with connect(f"redis+cluster://{HOST}:{seed.port}") as client:
        world = world_on(client, keys)
        await world.added()
        own_cluster.replicated()
        seed.kill()
        await add_until_stored(world)


async def test_a_single_server_is_refused_as_a_cluster(server_on_a_port: PortServer) -> None:
    async with connect(f"redis+cluster://{HOST}:{server_on_a_port.port}") as client:
        with pytest.raises(StoreUnavailableError, match="cluster support disabled"):
            async with errors.answered():
                await client.ping()
