"""Durability on servers that do not provide it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.schedule_store import RedisScheduleStore
from postdate.adapters.redis.scripts import durable_scripts
from postdate.adapters.redis.scripts.schedule_scripts import ScheduleScripts
from postdate.application.ports.schedule_store import ScheduleUpdate
from postdate.application.storage.group_commit import GroupCommit
from postdate.domain.durability import Durability, DurabilityLevel
from postdate.domain.errors import NotDurableError, StoreFullError, StoreUnavailableError
from postdate.domain.ids import ScheduleId
from postdate.domain.lease import Role
from postdate.domain.messages.status import Status
from postdate.domain.retention import DEFAULT_RETENTION
from postdate.domain.schedules.schedule import Schedule, Template
from postdate.domain.time.instant import to_ms
from tests.contracts.claim_store import ClaimStoreContract
from tests.contracts.message_store import MessageStoreContract
from tests.contracts.message_writer import MessageWriterContract
from tests.contracts.world import FIRST, StoreWorld
from tests.integration.servers.private_server import Pair, private_pair, private_server, server_binaries

from .conftest import allow, world_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from postdate.application.ports.schedule_store import StoredSchedule
    from tests.integration.servers.private_server import PrivateServer

ON_ONE_REPLICA = Durability(level=DurabilityLevel.REPLICAS, replicas=1)
ON_DISK = Durability(level=DurabilityLevel.FSYNC)
SHORT_MS = 50


@pytest.fixture(scope="module", params=server_binaries())
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with private_pair(server_binaries()[request.param]) as pair:
        yield pair


@pytest.fixture
def replica(pair: Pair) -> Iterator[PrivateServer]:
    yield pair.replica
    pair.replica.resume()


@pytest.fixture(params=server_binaries())
def own_server(request: pytest.FixtureRequest) -> Iterator[PrivateServer]:
    with private_server(keeps_data=True, binary=server_binaries()[request.param]) as server:
        yield server


@pytest.fixture
async def redis(pair: Pair) -> AsyncIterator[Redis]:
    async with connect(pair.primary.url) as client:
        yield client


@pytest.fixture
def world(redis: Redis, keys: KeySpace) -> StoreWorld:
    return world_on(redis, keys, ON_ONE_REPLICA)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable_scripts, "MAX_REPLICATION_MS", SHORT_MS)


async def waits_of(redis: Redis) -> int:
    stats = await redis.info("commandstats")
    calls: int = stats.get("cmdstat_wait", {"calls": 0})["calls"]
    return calls


class TestMessageStoreWithReplica(MessageStoreContract):
    pass


class TestMessageWriterWithReplica(MessageWriterContract):
    pass


class TestClaimStoreWithReplica(ClaimStoreContract):
    pass


# --- replicas:N ------------------------------------------------------------------------------------------


async def test_an_acknowledged_message_is_on_the_replica(
    world: StoreWorld, keys: KeySpace, replica: PrivateServer
) -> None:
    async with connect(replica.url) as other:
        for _ in range(20):
            message = await world.added()
            assert await other.hexists(keys[FIRST].messages, message.id)


@pytest.mark.usefixtures("impatient")
async def test_a_message_that_no_replica_acknowledges_is_stored_and_not_acknowledged(
    world: StoreWorld, replica: PrivateServer
) -> None:
    replica.pause()
    (message,) = world.messages(1)
    with pytest.raises(NotDurableError, match="0 of 1 replicas"):
        await world.writer.add([message])
    assert await world.store.get(message.id) == message
    replica.resume()


async def test_a_message_is_acknowledged_once_the_replica_is_back(
    world: StoreWorld, replica: PrivateServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable_scripts, "MAX_REPLICATION_MS", 4_000)
    replica.pause()
    (message,) = world.messages(1)
    adding = asyncio.create_task(world.writer.add([message]))
    while await world.store.get(message.id) is None:  # noqa: ASYNC110 - another process sets no event here
        await asyncio.sleep(0)
    assert not adding.done()
    replica.resume()
    assert (await adding).refused == frozenset()


@pytest.mark.usefixtures("impatient")
async def test_a_repeated_change_waits_for_the_write_of_the_first_one(
    world: StoreWorld, pair: Pair, keys: KeySpace, replica: PrivateServer
) -> None:
    message = await world.added()
    replica.pause()
    with pytest.raises(NotDurableError):
        await world.cancel(message.id)
    async with connect(pair.primary.url) as another:
        elsewhere = world_on(another, keys, ON_ONE_REPLICA)
        with pytest.raises(NotDurableError):
            await elsewhere.cancel(message.id)
        replica.resume()
        cancelled = await elsewhere.cancel(message.id)
    assert cancelled is not None
    assert cancelled.status is Status.CANCELLED


@pytest.mark.usefixtures("impatient")
async def test_a_repeated_pause_of_a_schedule_waits_for_the_first_one(
    world: StoreWorld, redis: Redis, keys: KeySpace, replica: PrivateServer
) -> None:
    scripts = ScheduleScripts(redis, now_ms=lambda: to_ms(world.clock.now()), durability=ON_ONE_REPLICA)
    schedules = RedisScheduleStore(scripts, keys, world.ids, DEFAULT_RETENTION)
    schedule = Schedule(
        id=ScheduleId(world.ids.next(world.clock.now())),
        template=Template(body=b"1"),
        cron="0 9 * * *",
        timezone="UTC",
        created_at=world.clock.now(),
    )
    await schedules.add(ScheduleUpdate(schedule=schedule.waiting_for(None, None)))
    replica.pause()
    for _ in range(2):
        with pytest.raises(NotDurableError):
            await schedules.change(schedule.id, _revived)
    replica.resume()
    result = await schedules.change(schedule.id, _revived)
    assert result is not None
    assert result.written is None


def _revived(stored: StoredSchedule) -> ScheduleUpdate | None:
    """Changes a schedule once: a repeat finds nothing to change."""
    if stored.schedule.cron == "0 10 * * *":
        return None
    changed = replace(stored.schedule, cron="0 10 * * *", revision=stored.schedule.revision + 1)
    return ScheduleUpdate(schedule=changed)


@pytest.mark.usefixtures("impatient")
async def test_more_replicas_than_exist_never_acknowledge(redis: Redis, keys: KeySpace) -> None:
    world = world_on(redis, keys, Durability(level=DurabilityLevel.REPLICAS, replicas=2))
    with pytest.raises(NotDurableError, match=f"1 of 2 replicas acknowledged it within {SHORT_MS} ms"):
        await world.added()


async def test_a_group_commit_waits_once(world: StoreWorld, redis: Redis) -> None:
    commit, before = GroupCommit(world.writer), await waits_of(redis)
    await asyncio.gather(*(commit.add([message]) for message in world.messages(100)))
    assert await waits_of(redis) - before == 2


async def test_claims_and_settlements_do_not_wait_for_replicas(
    world: StoreWorld, redis: Redis, replica: PrivateServer
) -> None:
    await world.all_added(2)
    before = await waits_of(redis)
    replica.pause()
    lease = await world.lease()
    assert await world.locks.acquire_role(lease, Role.LEADER)
    assert await world.locks.renew(lease)
    first, _ = await world.claim(lease)
    assert await world.claims.settle(lease, [first.delivered(world.clock.now())]) == frozenset()
    assert await world.locks.release(lease) == 1
    assert await waits_of(redis) == before


async def test_scripts_that_the_server_has_forgotten_are_sent_again(world: StoreWorld, redis: Redis) -> None:
    await world.added()
    await redis.script_flush()
    message = await world.added()
    assert await world.store.get(message.id) == message


async def test_a_full_store_stores_no_message_and_cancels_one(world: StoreWorld, redis: Redis) -> None:
    message, another = await world.added(), world.message()
    await redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(StoreFullError):
            await world.writer.add([another])
        assert await world.cancel(message.id) == message.cancelled(world.clock.now())
    finally:
        await redis.config_set("maxmemory", 0)
    assert await world.store.get(another.id) is None


# --- fsync -----------------------------------------------------------------------------------------------


async def test_a_server_that_syncs_before_it_answers_acknowledges(
    own_server: PrivateServer, keys: KeySpace
) -> None:
    async with connect(own_server.url) as redis:
        world = world_on(redis, keys, ON_DISK)
        message = await world.added()
        assert await world.cancel(message.id) == message.cancelled(world.clock.now())


@pytest.mark.parametrize(("name", "value"), [("appendfsync", "everysec"), ("appendonly", "no")])
async def test_a_server_that_no_longer_syncs_before_it_answers_does_not_acknowledge(
    own_server: PrivateServer, keys: KeySpace, name: str, value: str
) -> None:
    async with connect(own_server.url) as redis:
        world = world_on(redis, keys, ON_DISK)
        await redis.config_set(name, value)
        message = world.message()
        with pytest.raises(
            NotDurableError, match=f"{name} {value}.* and not with appendfsync always, appendonly yes"
        ):
            await world.writer.add([message])
        assert await world.store.get(message.id) == message


async def test_a_server_that_does_not_show_its_settings_does_not_acknowledge(
    own_server: PrivateServer, keys: KeySpace
) -> None:
    async with connect(own_server.url) as redis:
        await allow(redis, "-config")
        with pytest.raises(StoreUnavailableError, match="config"):
            await world_on(redis, keys, ON_DISK).added()
