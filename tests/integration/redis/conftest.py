"""The store in Redis, for every server that is available."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from postdate.adapters.memory.clock import ManualClock
from postdate.adapters.redis.claim_store import RedisClaimStore
from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.connection.cluster import ClusterRedis
from postdate.adapters.redis.keys import NAMES, KeySpace, PartitionKeys
from postdate.adapters.redis.lease_lock import RedisLeaseLock
from postdate.adapters.redis.message_store import RedisMessageStore
from postdate.adapters.redis.message_writer import RedisMessageWriter
from postdate.adapters.redis.schedule_store import RedisScheduleStore
from postdate.adapters.redis.scripts.claim_scripts import ClaimScripts
from postdate.adapters.redis.scripts.lease_scripts import LeaseScripts
from postdate.adapters.redis.scripts.message_scripts import MessageScripts
from postdate.adapters.redis.scripts.schedule_scripts import ScheduleScripts
from postdate.adapters.redis.store_targets import RedisStoreTargets
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.domain.durability import STORE_DURABILITY, Durability
from postdate.domain.messages.store_target import StoreTargetKind
from postdate.domain.retention import DEFAULT_RETENTION, Retention
from postdate.domain.time.instant import to_ms
from tests.contracts.schedule_world import ScheduleWorld
from tests.contracts.world import FIRST, LABELS, PARTITIONS, StoreWorld
from tests.integration.redis.interruptible_redis import redis_over
from tests.integration.servers.private_server import (
    REDIS_ON_PATH,
    docker_may_answer,
    private_server,
    server_binaries,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from redis.asyncio import Redis

USUAL = "the usual server"


def kinds_of_server() -> list[str]:
    """Returns each available server once. The usual one is one of the binaries, or a Redis in Docker."""
    binaries = list(server_binaries())
    if "POSTDATE_TEST_REDIS_URL" in os.environ:
        return [USUAL, *binaries]
    if docker_may_answer():
        return [USUAL, *(name for name in binaries if name != REDIS_ON_PATH)]
    return binaries or [USUAL]


@pytest.fixture(scope="session", params=kinds_of_server())
def server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each available server in turn."""
    if request.param == USUAL:
        yield request.getfixturevalue("redis_url")
        return
    with private_server(keeps_data=False, binary=server_binaries()[request.param]) as server:
        yield server.url


@pytest.fixture
async def redis(server_url: str, keys: KeySpace) -> AsyncIterator[Redis]:
    client = connect(server_url)
    try:
        yield client
        await client.unlink(*(name for partition in PARTITIONS for name in names_of(keys[partition])))
    finally:
        await client.aclose()


@pytest.fixture
def keys(namespace: str) -> KeySpace:
    return KeySpace(namespace)


@pytest.fixture
def world(redis: Redis, keys: KeySpace) -> StoreWorld:
    return world_on(redis, keys)


def world_on(redis: Redis, keys: KeySpace, durability: Durability = STORE_DURABILITY) -> StoreWorld:
    clock, ids = ManualClock(), ShortIdGenerator(1)

    def now_ms() -> int:
        return to_ms(clock.now())

    store_targets = RedisStoreTargets(redis, keys, tagged=isinstance(redis, ClusterRedis))
    scripts, claim_scripts = MessageScripts(redis, now_ms, durability), ClaimScripts(redis, now_ms)

    async def lose_leases() -> None:
        first = keys[FIRST]
        await redis.unlink(first.leases, first.owners, first.grants, first.seats, first.token)

    def with_retention(retention: Retention) -> StoreWorld:
        return StoreWorld(
            clock=clock,
            store=RedisMessageStore(scripts, keys, ids, retention),
            writer=RedisMessageWriter(scripts, keys, ids),
            claims=RedisClaimStore(claim_scripts, keys, store_targets, retention),
            locks=RedisLeaseLock(LeaseScripts(redis, now_ms), keys),
            store_targets=store_targets,
            take_bodies=lambda target: _take_bodies(redis, store_targets.key_of(target, FIRST), target.kind),
            with_retention=with_retention,
            lose_leases=lose_leases,
        )

    return with_retention(DEFAULT_RETENTION)


def schedules_on(redis: Redis, keys: KeySpace, messages: StoreWorld) -> ScheduleWorld:
    def store_on(redis: Redis, retention: Retention = DEFAULT_RETENTION) -> RedisScheduleStore:
        scripts = ScheduleScripts(redis, now_ms=lambda: to_ms(messages.clock.now()))
        return RedisScheduleStore(scripts, keys, messages.ids, retention)

    return ScheduleWorld(
        messages=messages,
        schedules=store_on(redis),
        keeping=lambda retention: store_on(redis, retention),
        over=lambda connection: store_on(redis_over(redis, connection)),
    )


async def _take_bodies(redis: Redis, key: str, kind: StoreTargetKind) -> list[bytes]:
    """Returns the bodies published to a stream or a list, oldest first, and removes the key."""
    execute: Any = redis.execute_command
    if kind is StoreTargetKind.STREAM:
        entries = await execute("XRANGE", key, "-", "+")
        bodies = [fields[b"body"] for _, fields in entries]
    else:
        bodies = (await execute("LRANGE", key, 0, -1))[::-1]
    await redis.unlink(key)
    return bodies


async def allow(redis: Redis, *rules: str) -> None:
    """Changes the commands that a server allows: `-info` forbids `INFO`, `+info` allows it again."""
    await redis.execute_command("ACL", "SETUSER", "default", *rules)  # type: ignore[no-untyped-call]  # untyped in the driver


def names_of(keys: PartitionKeys) -> list[str]:
    return [getattr(keys, name) for name in NAMES] + [keys.label(label) for label in LABELS]
