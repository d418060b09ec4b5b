from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.keys import KeySpace
from postdate.application.ports.schedule_store import SchedulePage
from postdate.domain.errors import StoreFullError
from postdate.domain.retention import Retention
from postdate.domain.schedules.schedule import Template
from tests.contracts.schedule_store import SECOND, ScheduleStoreContract, ScheduleWorld
from tests.contracts.world import FIRST
from tests.integration.servers.private_server import private_server

from .conftest import schedules_on, world_on

if TYPE_CHECKING:
    from redis.asyncio import Redis


class TestRedisScheduleStore(ScheduleStoreContract):
    @pytest.fixture
    def world(self, redis: Redis, keys: KeySpace) -> ScheduleWorld:
        return schedules_on(redis, keys, world_on(redis, keys))

    async def test_a_page_of_long_ones_is_short(self, world: ScheduleWorld) -> None:
        template = Template(body=b'"' + b"x" * 3_000_000 + b'"')
        long_ones = [world.step(template=template) for _ in range(3)]
        for step in long_ones:
            await world.schedules.add(step)
        schedules = [step.schedule for step in long_ones]
        page = await world.schedules.page(FIRST, None, 10)
        assert page == SchedulePage(schedules=schedules[:2], next=schedules[1].id)
        assert await world.schedules.page(FIRST, page.next, 10) == SchedulePage(schedules=schedules[2:], next=None)

    async def test_what_is_forgotten_leaves_no_label(
        self, world: ScheduleWorld, redis: Redis, keys: KeySpace
    ) -> None:
        step = world.step(template=Template(body=b"1", labels=("a", "b")))
        await world.schedules.add(step)
        labels = [keys[FIRST].labels, keys[FIRST].label("a"), keys[FIRST].label("b")]
        assert await redis.exists(*labels) == 3
        withdrawn = step.occurrences[0].cancelled(world.messages.clock.now())
        await world.keeping(Retention(count=0)).remove(step.schedule, withdrawn)
        assert await redis.exists(*labels) == 0

    async def test_a_schedule_that_cannot_be_read_harms_no_other(
        self, world: ScheduleWorld, redis: Redis, keys: KeySpace, caplog: pytest.LogCaptureFixture
    ) -> None:
        spoilt, sound = await world.added(), await world.added()
        junk = b"\xff" + b"\0" * 20
        await redis.execute_command("HSET", keys[FIRST].schedules, spoilt.id, junk)  # type: ignore[no-untyped-call]  # as redis has it
        world.messages.go_on(SECOND)
        with caplog.at_level(logging.ERROR, "postdate.redis"):
            assert (await world.schedules.planned(FIRST, 10)).due == [sound]
            await world.schedules.planned(FIRST, 10)
        assert [spoilt.id in record.getMessage() for record in caplog.records] == [True]
        assert await world.schedules.page(FIRST, None, 1) == SchedulePage(schedules=[], next=spoilt.id)
        assert await world.schedules.page(FIRST, spoilt.id, 1) == SchedulePage(schedules=[sound], next=None)
        assert (await world.schedules.write(FIRST, [world.next_step(sound)])).stale == frozenset()


async def test_without_room_no_schedule_is_added_and_those_there_are_go_on(namespace: str) -> None:
    with private_server(keeps_data=False) as server:
        async with connect(server.url) as redis:
            keys = KeySpace(namespace)
            world = schedules_on(redis, keys, world_on(redis, keys))
            schedule = await world.added()
            await redis.config_set("maxmemory", 1)
            step = world.step()
            with pytest.raises(StoreFullError):
                await world.schedules.add(step)
            assert await world.schedules.get(step.schedule.id) is None
            assert (await world.schedules.write(FIRST, [world.next_step(schedule)])).stale == frozenset()
            assert (await world.schedules.remove((await world.kept(schedule)).schedule, None)).stale == frozenset()
