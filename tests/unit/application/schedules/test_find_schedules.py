"""Finding schedules, and looking ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.schedule_store import MemoryScheduleStore
from postdate.domain.errors import ScheduleNotFoundError
from postdate.domain.ids import ScheduleId
from postdate.domain.lease import Partition
from postdate.domain.schedules.schedule import ScheduleEdit
from tests.unit.application.world import PARTITION, seconds

if TYPE_CHECKING:
    from postdate.application.ports.schedule_store import SchedulePage
    from tests.unit.application.schedules.calendar import Calendar
    from tests.unit.application.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_pages_follow_each_other_in_the_order_of_acceptance(calendar: Calendar) -> None:
    schedules = [await calendar.create("0 9 * * *") for _ in range(5)]
    first = await calendar.use.look.page(2)
    assert (first.schedules, first.next) == (schedules[:2], schedules[1].id)
    second = await calendar.use.look.page(3, first.next)
    assert (second.schedules, second.next) == (schedules[2:], None)
    assert (await calendar.use.look.page(3, schedules[-1].id)).schedules == []


async def test_pages_hold_through_what_comes_and_goes(calendar: Calendar) -> None:
    schedules = [await calendar.create("0 9 * * *") for _ in range(4)]
    first = await calendar.use.look.page(2)
    await calendar.use.delete(schedules[1].id)
    await calendar.use.delete(schedules[2].id)
    new = await calendar.create("0 9 * * *")
    assert (await calendar.use.look.page(2, first.next)).schedules == [schedules[3], new]


async def test_pages_have_those_of_all_partitions(world: World, calendar: Calendar) -> None:
    schedules = [await calendar.create("0 9 * * *") for _ in range(3)]
    elsewhere = ScheduleId(schedules[1].id[:-1] + "1")
    world.partitions[Partition(1)].schedules[elsewhere] = replace(schedules[1], id=elsewhere)
    calendar.partitions.append(Partition(1))
    found = await calendar.use.look.page(3)
    assert [schedule.id for schedule in found.schedules] == [schedules[0].id, schedules[1].id, elsewhere]
    assert (await calendar.use.look.page(3, found.next)).schedules == schedules[2:]


class ShortPages(MemoryScheduleStore):
    """Has pages of one schedule in the first partition."""

    async def page(self, partition: Partition, after: ScheduleId | None, limit: int) -> SchedulePage:
        return await super().page(partition, after, 1 if partition == PARTITION else limit)


async def test_a_partition_whose_page_is_short_is_not_overtaken_by_another(
    world: World, calendar: Calendar
) -> None:
    schedules = [await calendar.create("0 9 * * *") for _ in range(3)]
    elsewhere = ScheduleId(schedules[1].id[:-1] + "1")
    world.partitions[Partition(1)].schedules[elsewhere] = replace(schedules[1], id=elsewhere)
    calendar.partitions.append(Partition(1))
    calendar.store = ShortPages(world.partitions, world.ids, world.clock)
    look = calendar.use_cases(calendar.line, calendar.events).look
    found: list[ScheduleId] = []
    page = await look.page(10)
    while page.next is not None:
        found += [schedule.id for schedule in page.schedules]
        page = await look.page(10, page.next)
    found += [schedule.id for schedule in page.schedules]
    assert found == [schedules[0].id, schedules[1].id, elsewhere, schedules[2].id]


async def test_ahead_are_the_next_occurrences_beginning_with_the_one_that_waits(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *", timezone="Europe/Kyiv")
    expected = [START + (7 + 24 * day) * HOUR for day in range(3)]
    assert list(await calendar.use.look.ahead(schedule.id, 3)) == expected


async def test_ahead_ends_with_the_end(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *", starts_at=START + 24 * HOUR, ends_at=START + 60 * HOUR)
    assert list(await calendar.use.look.ahead(schedule.id, 3)) == [START + 33 * HOUR, START + 57 * HOUR]
    await calendar.use.edit(schedule.id, ScheduleEdit(ends_at=START))
    assert list(await calendar.use.look.ahead(schedule.id, 3)) == []


async def test_ahead_of_a_paused_one_is_what_would_be_if_it_were_resumed(world: World, calendar: Calendar) -> None:
    schedule = await calendar.create("0 * * * *")
    await calendar.use.pause(schedule.id)
    world.clock.advance(2.5 * HOUR)
    assert list(await calendar.use.look.ahead(schedule.id, 1)) == [START + 3 * HOUR]


async def test_ahead_is_what_comes_true(world: World, calendar: Calendar) -> None:
    await world.start("one")
    await calendar.planner()
    schedule = await calendar.create("*/7 * * * * *")
    ahead = list(await calendar.use.look.ahead(schedule.id, 10))
    await world.advance(seconds(70))
    assert [moment for moment, _ in calendar.begun()] == ahead


async def test_to_look_changes_nothing(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")
    calendar.line.calls.clear()
    await calendar.use.look.one(schedule.id)
    await calendar.use.look.ahead(schedule.id, 5)
    await calendar.use.look.page(5)
    assert calendar.line.calls == ["get", "get", "page"]


async def test_there_has_to_be_one_of_that_id(calendar: Calendar) -> None:
    for schedule_id in ("0000000000000", "no id"):
        with pytest.raises(ScheduleNotFoundError):
            await calendar.use.look.one(schedule_id)
        with pytest.raises(ScheduleNotFoundError):
            await calendar.use.look.ahead(schedule_id, 1)
