"""The contracts of the ports, on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.clock import StoreClock
from postdate.adapters.redis.doorbell import RedisDoorbell
from postdate.adapters.redis.event_feed import RedisEventFeed
from postdate.adapters.redis.partition_registry import RedisPartitionRegistry
from postdate.adapters.system.clock import SystemClock
from tests.contracts.claim_store import ClaimStoreContract
from tests.contracts.clock import ClockContract
from tests.contracts.crashes import CrashContract
from tests.contracts.event_feed import EventFeedContract
from tests.contracts.lease_lock import LeaseLockContract
from tests.contracts.message_store import MessageStoreContract
from tests.contracts.message_writer import MessageWriterContract
from tests.contracts.partition_registry import PartitionRegistryContract
from tests.contracts.schedule_crashes import ScheduleCrashContract
from tests.contracts.schedule_store import ScheduleStoreContract
from tests.integration.redis import test_doorbell
from tests.integration.redis.conftest import schedules_on

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from tests.contracts.schedule_world import ScheduleWorld
    from tests.contracts.world import StoreWorld


@pytest.fixture
def doorbell(redis: Redis, keys: KeySpace) -> RedisDoorbell:
    return RedisDoorbell(redis, keys, SystemClock())


@pytest.fixture
async def clock(redis: Redis) -> StoreClock:
    clock = StoreClock(redis)
    await clock.set()
    return clock


@pytest.fixture
def registry(redis: Redis, keys: KeySpace) -> RedisPartitionRegistry:
    return RedisPartitionRegistry(redis, keys)


class TestPartitionRegistry(PartitionRegistryContract):
    pass


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


class TestLeaseLock(LeaseLockContract):
    pass


class TestAfterCrashes(CrashContract):
    pass


class TestScheduleStore(ScheduleStoreContract):
    @pytest.fixture
    def world(self, redis: Redis, keys: KeySpace, world: StoreWorld) -> ScheduleWorld:
        return schedules_on(redis, keys, world)


class TestSchedulesAfterCrashes(ScheduleCrashContract):
    @pytest.fixture
    def world(self, redis: Redis, keys: KeySpace, world: StoreWorld) -> ScheduleWorld:
        return schedules_on(redis, keys, world)


class TestDoorbell(test_doorbell.TestRedisDoorbell):
    pass


class TestClock(ClockContract):
    pass


async def test_the_clock_shows_the_time_of_a_node(clock: StoreClock) -> None:
    assert abs((clock.now() - SystemClock().now()).total_seconds()) < 1
