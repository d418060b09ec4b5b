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
from tests.contracts.schedule_store import ScheduleStoreContract
from tests.contracts.schedule_world import SECOND, ScheduleWorld
from tests.contracts.world import FIRST
from tests.integration.servers.private_server import private_server

from .conftest import schedules_on, world_on

if TYPE_CHECKING:
    from redis.asyncio import Redis


class TestRedisScheduleStore(ScheduleStoreContract):
    @pytest.fixture
    def world(self, redis: Redis, keys: KeySpace) -> ScheduleWorld:
        return schedules_on(redis, keys, world_on(redis, keys))

    async def test_a_page_of_large_schedules_is_short(self, world: ScheduleWorld) -> None:
        template = Template(body=b'"' + b"x" * 3_000_000 + b'"')
        updates = [world.first_update(template=template) for _ in range(3)]
        for update in updates:
            await world.schedules.add(update)
        schedules = [update.schedule for update in updates]
        page = await world.schedules.page(FIRST, None, 10)
        assert page == SchedulePage(schedules=schedules[:2], next=schedules[1].id)
        assert await world.schedules.page(FIRST, page.next, 10) == SchedulePage(schedules=schedules[2:], next=None)

    async def test_a_forgotten_occurrence_leaves_no_label(
        self, world: ScheduleWorld, redis: Redis, keys: KeySpace
    ) -> None:
        update = world.first_update(template=Template(body=b"1", labels=("a", "b")))
        await world.schedules.add(update)
        labels = [keys[FIRST].labels, keys[FIRST].label("a"), keys[FIRST].label("b")]
        assert await redis.exists(*labels) == 3
        await world.keeping(Retention(count=0)).remove(update.schedule.id, world.cancelled)
        assert await redis.exists(*labels) == 0

    async def test_an_unreadable_schedule_does_not_affect_the_others(
        self, world: ScheduleWorld, redis: Redis, keys: KeySpace, caplog: pytest.LogCaptureFixture
    ) -> None:
        unreadable, readable = await world.added(), await world.added()
        junk = b"\xff" + b"\0" * 20
        await redis.execute_command("HSET", keys[FIRST].schedules, unreadable.id, junk)  # type: ignore[no-untyped-call]  # as redis has it
        world.messages.go_on(SECOND)
        with caplog.at_level(logging.ERROR, "postdate.redis"):
            assert (await world.schedules.find_due(FIRST, 10)).schedules == [readable]
            await world.schedules.find_due(FIRST, 10)
        assert [unreadable.id in record.getMessage() for record in caplog.records] == [True]
        assert await world.schedules.page(FIRST, None, 1) == SchedulePage(schedules=[], next=unreadable.id)
        assert await world.schedules.page(FIRST, unreadable.id, 1) == SchedulePage(schedules=[readable], next=None)
        assert (await world.schedules.write(FIRST, [world.next_update(readable)])).stale == frozenset()


async def test_a_store_without_room_accepts_no_new_schedule_but_changes_those_it_has(namespace: str) -> None:
    with private_server(keeps_data=False) as server:
        async with connect(server.url) as redis:
            keys = KeySpace(namespace)
            world = schedules_on(redis, keys, world_on(redis, keys))
            schedule = await world.added()
            await redis.config_set("maxmemory", 1)
            update = world.first_update()
            with pytest.raises(StoreFullError):
                await world.schedules.add(update)
            assert await world.schedules.get(update.schedule.id) is None
            assert (await world.schedules.write(FIRST, [world.next_update(schedule)])).stale == frozenset()
            changed = await world.schedules.change(schedule.id, world.replacement)
            assert changed is not None
            assert changed.written is not None
            assert await world.schedules.remove(schedule.id, world.cancelled) is not None
