"""Deleting schedules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from postdate.application.events.events import MessageCancelled
from postdate.domain.errors import ScheduleNotFoundError, StoreUnavailableError
from postdate.domain.messages.status import Status
from tests.unit.application.world import PARTITION, seconds

if TYPE_CHECKING:
    from tests.unit.application.schedules.calendar import Calendar
    from tests.unit.application.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_deleted_schedule_is_gone_and_its_waiting_occurrence_is_cancelled(
    world: World, calendar: Calendar
) -> None:
    await world.start("one")
    await calendar.planner()
    schedule = await calendar.create("*/10 * * * * *")
    await world.advance(seconds(25))
    await calendar.use.delete(schedule.id)
    with pytest.raises(ScheduleNotFoundError):
        await calendar.use.look.one(schedule.id)
    await world.advance(seconds(60))
    assert [message.status for message in calendar.of(schedule)] == [
        Status.DELIVERED,
        Status.DELIVERED,
        Status.CANCELLED,
    ]
    (event,) = calendar.events.of(MessageCancelled)
    assert event.message.at == START + seconds(30)


async def test_an_occurrence_that_is_being_delivered_is_still_delivered(world: World, calendar: Calendar) -> None:
    await world.start("one")
    schedule = await calendar.create("0 * * * * *")
    assert schedule.next_id is not None
    world.durations[schedule.next_id] = seconds(5)
    await world.advance(seconds(61))
    await calendar.use.delete(schedule.id)
    await world.advance(seconds(300))
    assert [(message.at, message.status) for message in calendar.of(schedule)] == [
        (START + seconds(60), Status.DELIVERED)
    ]


async def test_the_occurrence_of_a_planning_pass_made_meanwhile_is_cancelled(
    world: World, calendar: Calendar
) -> None:
    schedule = await calendar.create("0 * * * * *")
    world.clock.advance(seconds(60))
    update = calendar.occurrences.release_due(schedule, world.clock.now())

    def plan() -> None:
        contents = world.partitions[PARTITION]
        contents.schedules[schedule.id] = update.schedule
        contents.wait(update.occurrences[0])

    calendar.line.meanwhile["remove"] = plan
    await calendar.use.delete(schedule.id)
    assert world.partitions[PARTITION].schedules == {}
    assert [message.status for message in calendar.of(schedule)] == [Status.SCHEDULED, Status.CANCELLED]


async def test_an_id_without_a_schedule_is_not_found(calendar: Calendar) -> None:
    schedule = await calendar.create("* * * * *")
    await calendar.use.delete(schedule.id)
    for schedule_id in (schedule.id, "no id"):
        with pytest.raises(ScheduleNotFoundError):
            await calendar.use.delete(schedule_id)


async def test_a_deletion_that_others_overtake_again_and_again_is_given_up(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")
    calendar.line.answers["remove"] = False
    with pytest.raises(StoreUnavailableError, match="changed 100 times"):
        await calendar.use.delete(schedule.id)
