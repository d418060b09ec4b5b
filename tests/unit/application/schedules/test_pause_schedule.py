"""Pausing and resuming schedules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from postdate.application.events.events import MessageCancelled
from postdate.application.schedules.occurrences import MAX_OCCURRENCES_PER_UPDATE
from postdate.domain.errors import ScheduleEndedError, ScheduleNotFoundError
from postdate.domain.messages.status import Status
from postdate.domain.schedules.schedule import Missed, ScheduleEdit, ScheduleStatus
from tests.unit.application.world import PARTITION, seconds

if TYPE_CHECKING:
    from tests.unit.application.schedules.calendar import Calendar
    from tests.unit.application.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)


def delivered_seconds(calendar: Calendar) -> list[int]:
    """Returns the times of the delivered occurrences in seconds. Each delivery began within 0.1 s."""
    assert all(begun_at - at < seconds(0.1) for at, begun_at in calendar.begun())
    return [int((at - START).total_seconds()) for at, _ in calendar.begun()]


@pytest.mark.parametrize("missed", Missed)
async def test_a_paused_schedule_has_no_occurrences_and_makes_up_for_none(
    world: World, calendar: Calendar, missed: Missed
) -> None:
    await world.start("one")
    await calendar.planner()
    schedule = await calendar.create("*/10 * * * * *", missed=missed)
    await world.advance(seconds(25))
    paused = await calendar.use.pause(schedule.id)
    assert (paused.status, paused.next_at, paused.next_id) == (ScheduleStatus.PAUSED, None, None)
    assert paused == await calendar.use.look.one(schedule.id)
    await world.advance(seconds(100))
    resumed = await calendar.use.resume(schedule.id)
    assert (resumed.status, resumed.next_at) == (ScheduleStatus.ACTIVE, START + seconds(130))
    await world.advance(seconds(20))
    assert delivered_seconds(calendar) == [10, 20, 130, 140]


async def test_a_pause_cancels_the_waiting_occurrence(calendar: Calendar) -> None:
    schedule = await calendar.create("* * * * *")
    await calendar.use.pause(schedule.id)
    assert [message.status for message in calendar.of(schedule)] == [Status.CANCELLED]
    (event,) = calendar.events.of(MessageCancelled)
    assert event.message.id == schedule.next_id


async def test_an_occurrence_that_is_being_delivered_is_not_made_again(world: World, calendar: Calendar) -> None:
    await world.start("one")
    schedule = await calendar.create("0 * * * * *")
    assert schedule.next_id is not None
    world.durations[schedule.next_id] = seconds(5)
    await world.advance(seconds(61))
    await calendar.use.pause(schedule.id)
    await calendar.use.resume(schedule.id)
    await world.advance(seconds(60))
    assert delivered_seconds(calendar) == [60, 120]


async def test_a_pause_within_one_period_makes_no_second_occurrence(world: World, calendar: Calendar) -> None:
    await world.start("one")
    await calendar.planner()
    schedule = await calendar.create("0 * * * * *")
    for _ in range(3):
        await calendar.use.pause(schedule.id)
        await calendar.use.resume(schedule.id)
    await world.advance(seconds(125))
    assert delivered_seconds(calendar) == [60, 120]


async def test_a_repeated_pause_or_resumption_changes_nothing(calendar: Calendar) -> None:
    schedule = await calendar.create("* * * * *")
    assert await calendar.use.resume(schedule.id) == schedule
    paused = await calendar.use.pause(schedule.id)
    assert await calendar.use.pause(schedule.id) == paused
    resumed = await calendar.use.resume(schedule.id)
    assert await calendar.use.resume(schedule.id) == resumed


async def test_a_schedule_whose_end_passes_while_it_is_paused_ends_when_it_is_resumed(
    world: World, calendar: Calendar
) -> None:
    schedule = await calendar.create("* * * * *", ends_at=START + seconds(120))
    await calendar.use.pause(schedule.id)
    world.clock.advance(seconds(121))
    resumed = await calendar.use.resume(schedule.id)
    assert (resumed.status, resumed.next_at) == (ScheduleStatus.ENDED, None)


async def test_a_schedule_that_has_ended_can_be_neither_paused_nor_resumed(calendar: Calendar) -> None:
    schedule = await calendar.create("* * * * *")
    await calendar.use.edit(schedule.id, ScheduleEdit(ends_at=START))
    with pytest.raises(ScheduleEndedError):
        await calendar.use.pause(schedule.id)
    with pytest.raises(ScheduleEndedError):
        await calendar.use.resume(schedule.id)


async def test_an_id_without_a_schedule_is_not_found(calendar: Calendar) -> None:
    with pytest.raises(ScheduleNotFoundError):
        await calendar.use.pause("0000000000000")
    with pytest.raises(ScheduleNotFoundError):
        await calendar.use.resume("no id")


async def test_a_planning_pass_made_meanwhile_adds_its_occurrence_and_no_other(
    world: World, calendar: Calendar
) -> None:
    planner = await calendar.planner()
    await planner.kill()
    planner.line.cut = False
    schedule = await calendar.create("0 * * * * *")
    update = calendar.occurrences.release_due(schedule, START + seconds(60))

    def plan() -> None:
        contents = world.partitions[PARTITION]
        contents.schedules[schedule.id] = update.schedule
        contents.wait(update.occurrences[0])

    world.clock.advance(seconds(60))
    calendar.line.meanwhile["write"] = plan
    paused = await calendar.use.pause(schedule.id)
    assert paused.status is ScheduleStatus.PAUSED
    assert [message.status for message in calendar.of(schedule)] == [Status.SCHEDULED, Status.CANCELLED]
    world.clock.advance(seconds(60))
    assert (await planner.plan(PARTITION)).wrote_all is None


async def test_a_schedule_that_is_far_behind_can_be_paused(world: World, calendar: Calendar) -> None:
    schedule = await calendar.create("* * * * * *", missed=Missed.ALL)
    world.clock.advance(seconds(100_000))
    paused = await calendar.use.pause(schedule.id)
    assert paused.status is ScheduleStatus.PAUSED
    assert len(calendar.of(schedule)) == 1 + MAX_OCCURRENCES_PER_UPDATE
    assert calendar.of(schedule)[-1].status is Status.CANCELLED
    resumed = await calendar.use.resume(schedule.id)
    assert resumed.next_at == START + seconds(100_001)
