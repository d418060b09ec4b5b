"""Forgetting schedules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from postdate.application.events.events import MessageCancelled
from postdate.application.ports.schedule_store import WriteResult
from postdate.domain.errors import ScheduleNotFoundError, StoreUnavailableError
from postdate.domain.messages.status import Status
from tests.unit.application.world import PARTITION, seconds

if TYPE_CHECKING:
    from tests.unit.application.schedules.calendar import Calendar
    from tests.unit.application.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)


async def test_it_is_gone_and_what_waits_is_withdrawn(world: World, calendar: Calendar) -> None:
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
    (told,) = calendar.events.of(MessageCancelled)
    assert told.message.at == START + seconds(30)


async def test_what_is_under_way_is_delivered(world: World, calendar: Calendar) -> None:
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


async def test_a_pass_that_comes_between_is_followed(world: World, calendar: Calendar) -> None:
    schedule = await calendar.create("0 * * * * *")
    world.clock.advance(seconds(60))
    step = calendar.occurrences.following(schedule, world.clock.now())

    def plan() -> None:
        contents = world.partitions[PARTITION]
        contents.schedules[schedule.id] = step.schedule
        contents.wait(step.occurrences[0])

    calendar.line.meanwhile["remove"] = plan
    await calendar.use.delete(schedule.id)
    assert world.partitions[PARTITION].schedules == {}
    assert [message.status for message in calendar.of(schedule)] == [Status.SCHEDULED, Status.CANCELLED]


async def test_there_has_to_be_one_of_that_id(calendar: Calendar) -> None:
    schedule = await calendar.create("* * * * *")
    await calendar.use.delete(schedule.id)
    for schedule_id in (schedule.id, "no id"):
        with pytest.raises(ScheduleNotFoundError):
            await calendar.use.delete(schedule_id)


async def test_when_others_change_it_without_end_the_client_is_asked_to_try_again(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")
    calendar.line.answers["remove"] = WriteResult(stale=frozenset({schedule.id}))
    with pytest.raises(StoreUnavailableError, match="changed 100 times"):
        await calendar.use.delete(schedule.id)
