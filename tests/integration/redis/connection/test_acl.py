"""The user that docs/stores.md describes may do all that Postdate does, and little more."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis.exceptions import NoPermissionError

from postdate.adapters.redis.clock import StoreClock
from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.doorbell import RedisDoorbell
from postdate.adapters.redis.event_feed import RedisEventFeed
from postdate.adapters.redis.partition_registry import RedisPartitionRegistry
from postdate.adapters.redis.store_examiner import RedisStoreExaminer
from postdate.adapters.system.clock import SystemClock
from tests.contracts.claim_store import ClaimStoreContract
from tests.contracts.event_feed import EventFeedContract
from tests.contracts.lease_lock import LeaseLockContract
from tests.contracts.message_store import MessageStoreContract
from tests.contracts.message_writer import MessageWriterContract
from tests.contracts.partition_registry import PartitionRegistryContract
from tests.contracts.schedule_store import ScheduleStoreContract
from tests.contracts.world import FIRST
from tests.integration.redis import test_doorbell
from tests.integration.redis.conftest import schedules_on, world_on
from tests.integration.servers.cluster_servers import cluster_servers
from tests.integration.servers.port_servers import HOST, PortServer, port_server
from tests.integration.servers.private_server import first_binary, server_binaries
from tests.integration.servers.sentinel_servers import sentinel_servers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from tests.contracts.schedule_world import ScheduleWorld

DOCUMENT = Path(__file__).parents[4] / "docs" / "stores.md"
SERVER, CLUSTER, SENTINEL = (
    line.replace(">PASSWORD", ">secret").split()
    for line in re.findall(r"^    (ACL SETUSER .*)$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
)


@pytest.fixture(scope="module", params=server_binaries())
def guarded(request: pytest.FixtureRequest) -> Iterator[PortServer]:
    with port_server(server_binaries()[request.param]) as server:
        server.ask(*SERVER)
        # An operator who uses store targets allows their keys like this. The contract deletes them afterwards.
        server.ask("ACL", "SETUSER", "postdate", "~place-*", "&place-*", "+unlink")
        yield server


@pytest.fixture
async def redis(guarded: PortServer) -> AsyncIterator[Redis]:
    async with connect(f"redis://postdate:secret@{HOST}:{guarded.port}") as client:
        yield client


@pytest.fixture
def registry(redis: Redis, keys: KeySpace) -> RedisPartitionRegistry:
    return RedisPartitionRegistry(redis, keys)


@pytest.fixture
def doorbell(redis: Redis, keys: KeySpace) -> RedisDoorbell:
    return RedisDoorbell(redis, keys, SystemClock())


class TestMessageStore(MessageStoreContract):
    pass


class TestMessageWriter(MessageWriterContract):
    pass


class TestClaimStore(ClaimStoreContract):
    pass


@pytest.fixture
def feed(redis: Redis, keys: KeySpace) -> RedisEventFeed:
    return RedisEventFeed(redis, keys)


class TestEventFeed(EventFeedContract):
    pass


class TestScheduleStore(ScheduleStoreContract):
    @pytest.fixture
    def world(self, redis: Redis, keys: KeySpace) -> ScheduleWorld:
        return schedules_on(redis, keys, world_on(redis, keys))


class TestLeaseLock(LeaseLockContract):
    pass


class TestPartitionRegistry(PartitionRegistryContract):
    pass


class TestDoorbell(test_doorbell.TestRedisDoorbell):
    pass


async def test_the_user_may_read_the_time_and_the_configuration(redis: Redis) -> None:
    await StoreClock(redis).set()
    facts = await RedisStoreExaminer(redis, SystemClock()).examine()
    assert (facts.primary, facts.appending) == (True, False)


async def test_the_user_may_neither_read_other_keys_nor_administer_the_server(redis: Redis) -> None:
    for refused in (
        redis.hgetall("another's"),
        redis.publish("another's", b""),
        redis.flushall(),
        redis.config_set("maxmemory", 1),
        redis.keys("*"),
    ):
        with pytest.raises(NoPermissionError):
            await refused


async def test_the_user_may_read_the_topology_of_a_cluster(keys: KeySpace) -> None:
    with cluster_servers(first_binary()) as cluster:
        for node in cluster.nodes:
            node.ask(*SERVER)
            node.ask(*CLUSTER)
        async with connect(cluster.url.replace("://", "://postdate:secret@")) as client:
            world = world_on(client, keys)
            await world.added()
            assert len(await world.claim(await world.lease())) == 1


async def test_the_user_of_the_sentinels_may_find_the_primary(keys: KeySpace) -> None:
    with sentinel_servers(first_binary()) as servers:
        servers.primary.ask(*SERVER)
        for sentinel in servers.sentinels:
            sentinel.ask(*SENTINEL)
        url, _, _ = servers.url.replace("://", "://postdate:secret@").partition("?")
        async with connect(f"{url}?sentinel_username=postdate&sentinel_password=secret") as client:
            world = world_on(client, keys)
            await world.added()
            assert len(await world.claim(await world.lease())) == 1
            await RedisPartitionRegistry(client, keys).register([FIRST])
