from __future__ import annotations

import pytest

from postdate.application.ports.schedule_store import SchedulePage, ScheduleUpdate, ScheduleWriteResult
from postdate.domain.schedules.schedule import ScheduleStatus
from tests.contracts.schedule_world import HOUR, SECOND, ScheduleWorld
from tests.contracts.world import FIRST, FIRST_OF_TWO_DIGITS, LAST_OF_ONE_DIGIT, MS


class PagingSchedules:
    async def test_pages_list_the_schedules_in_the_order_of_their_ids(self, world: ScheduleWorld) -> None:
        schedules = [await world.added((10 - n) * SECOND) for n in range(5)]
        first = await world.schedules.page(FIRST, None, 2)
        assert first == SchedulePage(schedules=schedules[:2], next=schedules[1].id)
        second = await world.schedules.page(FIRST, first.next, 2)
        assert second == SchedulePage(schedules=schedules[2:4], next=schedules[3].id)
        assert await world.schedules.page(FIRST, second.next, 2) == SchedulePage(
            schedules=schedules[4:], next=None
        )
        assert await world.schedules.page(FIRST, schedules[2].id, 2) == SchedulePage(
            schedules=schedules[3:], next=None
        )
        assert await world.schedules.page(FIRST, schedules[4].id, 2) == SchedulePage(schedules=[], next=None)

    async def test_a_page_has_schedules_without_a_next_occurrence_too(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        paused = schedule.paused(None)
        await world.schedules.write(FIRST, [ScheduleUpdate(schedule=paused)])
        assert (await world.schedules.page(FIRST, None, 10)).schedules == [paused]

    async def test_each_partition_has_its_own_schedules(self, world: ScheduleWorld) -> None:
        for partition in (FIRST, LAST_OF_ONE_DIGIT, FIRST_OF_TWO_DIGITS):
            schedule = await world.added(partition=partition)
            assert (await world.schedules.page(partition, None, 10)).schedules == [schedule]
            assert (await world.stored(schedule)).schedule == schedule


class FindingDueSchedules:
    async def test_a_schedule_is_found_once_its_next_occurrence_is_due(self, world: ScheduleWorld) -> None:
        later = await world.added(2 * SECOND)
        sooner = await world.added(SECOND)
        at = world.messages.clock.now()
        due = await world.schedules.find_due(FIRST, 10)
        assert (due.now, due.schedules, due.next_at) == (at, [], at + SECOND)
        world.messages.go_on(SECOND - MS)
        assert (await world.schedules.find_due(FIRST, 10)).schedules == []
        world.messages.go_on(MS)
        due = await world.schedules.find_due(FIRST, 10)
        assert (due.schedules, due.next_at) == ([sooner], at + 2 * SECOND)
        world.messages.go_on(HOUR)
        due = await world.schedules.find_due(FIRST, 10)
        assert (due.schedules, due.next_at) == ([sooner, later], None)
        due = await world.schedules.find_due(FIRST, 1)
        assert (due.schedules, due.next_at) == ([sooner], at + 2 * SECOND)

    async def test_an_empty_store_has_no_due_schedule(self, world: ScheduleWorld) -> None:
        due = await world.schedules.find_due(FIRST, 10)
        assert (due.schedules, due.next_at) == ([], None)

    @pytest.mark.parametrize("status", [ScheduleStatus.PAUSED, ScheduleStatus.ENDED])
    async def test_a_schedule_without_a_next_occurrence_is_never_due(
        self, world: ScheduleWorld, status: ScheduleStatus
    ) -> None:
        schedule = await world.added()
        ends = status is ScheduleStatus.ENDED
        update = ScheduleUpdate(schedule=schedule.waiting_for(None, None) if ends else schedule.paused(None))
        assert await world.schedules.write(FIRST, [update]) == ScheduleWriteResult()
        world.messages.go_on(HOUR)
        due = await world.schedules.find_due(FIRST, 10)
        assert (due.schedules, due.next_at) == ([], None)
        assert (await world.stored(schedule)).schedule.status is status
