from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contracts.schedule_crashes import ScheduleCrashContract

from .conftest import schedules_on, world_on

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from tests.contracts.schedule_world import ScheduleWorld


class TestRedisAfterCrashes(ScheduleCrashContract):
    @pytest.fixture
    def world(self, redis: Redis, keys: KeySpace) -> ScheduleWorld:
        return schedules_on(redis, keys, world_on(redis, keys))
