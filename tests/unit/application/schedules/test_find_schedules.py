"""Finding schedules and previewing their occurrences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.domain.errors import ScheduleNotFoundError
from postdate.domain.ids import ScheduleId
from postdate.domain.lease import Partition
from postdate.domain.schedules.schedule import ScheduleEdit
from tests.contracts.interruptible_schedules import InterruptibleScheduleStore
from tests.unit.application.world import PARTITION, seconds

if TYPE_CHECKING:
    from postdate.application.ports.schedule_store import SchedulePage
    from tests.unit.application.schedules.calendar import Calendar
    from tests.unit.application.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_pages_list_schedules_in_the_order_of_acceptance(calendar: Calendar) -> None:
    schedules = [await calendar.create("0 9 * * *") for _ in range(5)]
    first = await calendar.use.look.page(2)
    assert (first.schedules, first.next) == (schedules[:2], schedules[1].id)
    second = await calendar.use.look.page(3, first.next)
    assert (second.schedules, second.next) == (schedules[2:], None)
    assert (await calendar.use.look.page(3, schedules[-1].id)).schedules == []


async def test_pages_stay_complete_while_schedules_are_created_and_deleted(calendar: Calendar) -> None:
    schedules = [await calendar.create("0 9 * * *") for _ in range(4)]
    first = await calendar.use.look.page(2)
    await calendar.use.delete(schedules[1].id)
    await calendar.use.delete(schedules[2].id)
    new = await calendar.create("0 9 * * *")
    assert (await calendar.use.look.page(2, first.next)).schedules == [schedules[3], new]


async def test_pages_have_the_schedules_of_all_partitions(world: World, calendar: Calendar) -> None:
    schedules = [await calendar.create("0 9 * * *") for _ in range(3)]
    elsewhere = ScheduleId(schedules[1].id[:-1] + "1")
    world.partitions[Partition(1)].schedules[elsewhere] = replace(schedules[1], id=elsewhere)
    calendar.partitions.append(Partition(1))
    found = await calendar.use.look.page(3)
    assert [schedule.id for schedule in found.schedules] == [schedules[0].id, schedules[1].id, elsewhere]
    assert (await calendar.use.look.page(3, found.next)).schedules == schedules[2:]


class ShortPages(InterruptibleScheduleStore):
    """A store whose pages have one schedule in the first partition."""

    async def page(self, partition: Partition, after: ScheduleId | None, limit: int) -> SchedulePage:
        return await super().page(partition, after, 1 if partition == PARTITION else limit)


async def test_a_short_page_of_one_partition_loses_no_schedule_of_it(world: World, calendar: Calendar) -> None:
    schedules = [await calendar.create("0 9 * * *") for _ in range(3)]
    elsewhere = ScheduleId(schedules[1].id[:-1] + "1")
    world.partitions[Partition(1)].schedules[elsewhere] = replace(schedules[1], id=elsewhere)
    calendar.partitions.append(Partition(1))
    calendar.store_class = ShortPages
    find = calendar.use_cases(calendar.line, calendar.events).look
    found: list[ScheduleId] = []
    page = await find.page(10)
    while page.next is not None:
        found += [schedule.id for schedule in page.schedules]
        page = await find.page(10, page.next)
    found += [schedule.id for schedule in page.schedules]
    assert found == [schedules[0].id, schedules[1].id, elsewhere, schedules[2].id]


async def test_a_preview_begins_with_the_waiting_occurrence(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *", timezone="Europe/Kyiv")
    expected = [START + (7 + 24 * day) * HOUR for day in range(3)]
    assert list(await calendar.use.look.preview(schedule.id, 3)) == expected


async def test_a_preview_ends_with_the_schedule(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *", starts_at=START + 24 * HOUR, ends_at=START + 60 * HOUR)
    assert list(await calendar.use.look.preview(schedule.id, 3)) == [START + 33 * HOUR, START + 57 * HOUR]
    await calendar.use.edit(schedule.id, ScheduleEdit(ends_at=START))
    assert list(await calendar.use.look.preview(schedule.id, 3)) == []


async def test_the_preview_of_a_paused_schedule_is_that_of_its_resumption(
    world: World, calendar: Calendar
) -> None:
    schedule = await calendar.create("0 * * * *")
    await calendar.use.pause(schedule.id)
    world.clock.advance(2.5 * HOUR)
    assert list(await calendar.use.look.preview(schedule.id, 1)) == [START + 3 * HOUR]


async def test_the_occurrences_of_a_preview_are_those_that_are_delivered(world: World, calendar: Calendar) -> None:
    await world.start("one")
    await calendar.planner()
    schedule = await calendar.create("*/7 * * * * *")
    preview = list(await calendar.use.look.preview(schedule.id, 10))
    await world.advance(seconds(70))
    assert [at for at, _ in calendar.begun()] == preview


async def test_finding_and_previewing_write_nothing(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")
    calendar.line.calls.clear()
    await calendar.use.look.one(schedule.id)
    await calendar.use.look.preview(schedule.id, 5)
    await calendar.use.look.page(5)
    assert calendar.line.calls == ["get", "get", "page"]


async def test_an_id_without_a_schedule_is_not_found(calendar: Calendar) -> None:
    for schedule_id in ("0000000000000", "no id"):
        with pytest.raises(ScheduleNotFoundError):
            await calendar.use.look.one(schedule_id)
        with pytest.raises(ScheduleNotFoundError):
            await calendar.use.look.preview(schedule_id, 1)
