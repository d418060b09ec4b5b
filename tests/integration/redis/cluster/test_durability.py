"""Durability in a cluster: what an answer waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.scripts import durable_scripts
from postdate.domain.durability import Durability, DurabilityLevel
from postdate.domain.errors import NotDurableError
from tests.contracts.claim_store import ClaimStoreContract
from tests.contracts.message_store import MessageStoreContract
from tests.contracts.message_writer import MessageWriterContract
from tests.contracts.world import FIRST
from tests.integration.redis.conftest import world_on
from tests.integration.servers.cluster_servers import ClusterServers, cluster_servers
from tests.integration.servers.private_server import first_binary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from tests.contracts.world import StoreWorld


@pytest.fixture(scope="module")
def replicated() -> Iterator[ClusterServers]:
    with cluster_servers(first_binary(), replicas=True) as servers:
        yield servers


@pytest.fixture
async def redis(replicated: ClusterServers) -> AsyncIterator[Redis]:
    async with connect(replicated.url) as client:
        yield client


@pytest.fixture
def world(redis: Redis, keys: KeySpace) -> StoreWorld:
    return world_on(redis, keys, Durability(level=DurabilityLevel.REPLICAS, replicas=1))


class TestMessageStoreWithReplicas(MessageStoreContract):
    pass


class TestMessageWriterWithReplicas(MessageWriterContract):
    pass


class TestClaimStoreWithReplicas(ClaimStoreContract):
    pass


async def test_a_message_without_an_acknowledging_replica_is_stored_and_reported_as_not_durable(
    replicated: ClusterServers, world: StoreWorld, keys: KeySpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable_scripts, "MAX_REPLICATION_MS", 50)
    replica = replicated.replica_of(replicated.master_of(keys[FIRST].messages))
    (message,) = world.messages(1)
    replica.pause()
    try:
        with pytest.raises(NotDurableError, match="0 of 1 replicas"):
            await world.writer.add([message])
        assert await world.store.get(message.id) == message
    finally:
        replica.resume()


async def test_fsync_is_refused_on_masters_that_do_not_write_to_disk(redis: Redis, keys: KeySpace) -> None:
    world = world_on(redis, keys, Durability(level=DurabilityLevel.FSYNC))
    with pytest.raises(NotDurableError, match="appendonly no"):
        await world.added()


async def test_an_error_in_a_pipeline_is_raised_or_returned_as_requested(redis: Redis, keys: KeySpace) -> None:
    for raising in (True, False):
        async with redis.pipeline(transaction=False) as pipeline:
            pipeline.execute_command("SADD", keys[FIRST].due, "one")
            pipeline.execute_command("ZADD", keys[FIRST].due, 1, "one")
            if raising:
                with pytest.raises(Exception, match="WRONGTYPE"):
                    await pipeline.execute()
            else:
                added, error = await pipeline.execute(raise_on_error=False)
                assert (added, "WRONGTYPE" in str(error)) == (0, True)


async def test_a_replaced_master_is_abandoned(
    replicated: ClusterServers, world: StoreWorld, keys: KeySpace
) -> None:
    await world.added()
    master = replicated.master_of(keys[FIRST].messages)
    replica = replicated.replica_of(master)
    replica.ask("CLUSTER", "FAILOVER")
    replica.require(lambda client: client.info("replication")["role"] == "master")
    replica.require(lambda client: client.info("replication")["connected_slaves"] == 1)
    await world.added()
    assert len(await world.claim(await world.lease())) == 2
