"""Changing schedules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from postdate.application.events.events import MessageCancelled, MessagesScheduled
from postdate.application.ports.schedule_store import WriteResult
from postdate.domain.errors import (
    InvalidCronError,
    InvalidHeaderError,
    InvalidTimeError,
    ScheduleNotFoundError,
    StoreUnavailableError,
    UnknownChannelError,
    UnknownTimezoneError,
)
from postdate.domain.messages.status import Status
from postdate.domain.schedules.schedule import Missed, ScheduleEdit, ScheduleStatus
from tests.unit.application.world import PARTITION, seconds

if TYPE_CHECKING:
    from postdate.domain.schedules.schedule import Schedule
    from tests.unit.application.schedules.calendar import Calendar
    from tests.unit.application.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
BEYOND = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
"""It lies before the year 1 in UTC."""


def times_of(calendar: Calendar, schedule: Schedule) -> list[tuple[datetime, Status]]:
    return [(message.at, message.status) for message in calendar.of(schedule)]


async def test_what_waits_is_withdrawn_and_made_anew(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(cron="0 7 * * *", timezone="Europe/Kyiv"))
    assert edited == await calendar.use.look.one(schedule.id)
    assert (edited.cron, edited.timezone, edited.next_at) == ("0 7 * * *", "Europe/Kyiv", START + 5 * HOUR)
    assert times_of(calendar, schedule) == [
        (START + 5 * HOUR, Status.SCHEDULED),
        (START + 9 * HOUR, Status.CANCELLED),
    ]
    (told,) = calendar.events.of(MessageCancelled)
    assert told.message.id == schedule.next_id
    assert [message.id for message in calendar.events.of(MessagesScheduled)[-1].messages] == [edited.next_id]


async def test_what_is_not_named_stays_as_it_is(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *", missed=Missed.ALL, ends_at=START + 100 * HOUR)
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]", labels=("a",)))
    assert (edited.template.body, edited.template.labels, edited.template.to) == (b"[2]", ("a",), "desk")
    assert (edited.cron, edited.missed, edited.ends_at) == (schedule.cron, schedule.missed, schedule.ends_at)
    assert edited.next_at == schedule.next_at
    waiting = [message for message in calendar.of(schedule) if message.status is Status.SCHEDULED]
    assert [(message.body, message.labels) for message in waiting] == [(b"[2]", ("a",))]


async def test_an_end_can_be_taken_away_and_given(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *", ends_at=START + 10 * HOUR)
    assert (await calendar.use.edit(schedule.id, ScheduleEdit(ends_at=None))).ends_at is None
    ended = await calendar.use.edit(schedule.id, ScheduleEdit(ends_at=START + 8 * HOUR))
    assert (ended.status, ended.next_at, ended.next_id) == (ScheduleStatus.ENDED, None, None)
    assert times_of(calendar, schedule) == [(START + 9 * HOUR, Status.CANCELLED)] * 2
    again = await calendar.use.edit(schedule.id, ScheduleEdit(ends_at=START + 40 * HOUR))
    assert (again.status, again.next_at) == (ScheduleStatus.ACTIVE, START + 9 * HOUR)


async def test_a_paused_one_stays_paused(world: World, calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")
    await calendar.use.pause(schedule.id)
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(cron="0 7 * * *"))
    assert (edited.status, edited.next_at) == (ScheduleStatus.PAUSED, None)
    await world.advance(24 * HOUR)
    assert calendar.begun() == []


async def test_an_occurrence_under_way_is_delivered_and_not_made_again(world: World, calendar: Calendar) -> None:
    await world.start("one")
    schedule = await calendar.create("0 * * * * *")
    assert schedule.next_id is not None
    world.durations[schedule.next_id] = seconds(5)
    await world.advance(seconds(61))
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]"))
    assert edited.next_at == START + seconds(120)
    await world.advance(seconds(60))
    assert [(begun.message.at, begun.message.body) for begun in world.diary.begun] == [
        (START + seconds(60), b'"hello"'),
        (START + seconds(120), b"[2]"),
    ]


async def test_one_that_was_delivered_ahead_of_its_time_is_not_made_again(
    world: World, calendar: Calendar
) -> None:
    schedule = await calendar.create("0 9 * * *")
    ahead = calendar.of(schedule)[0]
    contents = world.partitions[PARTITION]
    contents.stop_waiting(ahead)
    contents.end(ahead.cancelled(START), START)
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]"))
    assert edited.next_at == START + 33 * HOUR


async def test_what_came_due_before_is_not_left_out(world: World, calendar: Calendar) -> None:
    schedule = await calendar.create("0 * * * * *", missed=Missed.ALL)
    world.clock.advance(seconds(185))
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]"))
    assert edited.next_at == START + seconds(240)
    assert [(message.at - START, message.status, message.body) for message in calendar.of(schedule)] == [
        (seconds(60), Status.SCHEDULED, b'"hello"'),
        (seconds(120), Status.SCHEDULED, b'"hello"'),
        (seconds(180), Status.SCHEDULED, b'"hello"'),
        (seconds(240), Status.CANCELLED, b'"hello"'),
        (seconds(240), Status.SCHEDULED, b"[2]"),
    ]


@pytest.mark.parametrize(
    ("edit", "error"),
    [
        (ScheduleEdit(cron="* * *"), InvalidCronError),
        (ScheduleEdit(cron="0 0 31 4 *"), InvalidCronError),
        (ScheduleEdit(timezone="Mars/Olympus"), UnknownTimezoneError),
        (ScheduleEdit(to="nowhere"), UnknownChannelError),
        (ScheduleEdit(headers=(("Host", "elsewhere"),)), InvalidHeaderError),
        (ScheduleEdit(starts_at=BEYOND), InvalidTimeError),
        (ScheduleEdit(ends_at=BEYOND), InvalidTimeError),
    ],
)
async def test_what_is_refused_changes_nothing(
    calendar: Calendar, edit: ScheduleEdit, error: type[Exception]
) -> None:
    schedule = await calendar.create("0 9 * * *")
    with pytest.raises(error):
        await calendar.use.edit(schedule.id, edit)
    assert await calendar.use.look.one(schedule.id) == schedule
    assert times_of(calendar, schedule) == [(START + 9 * HOUR, Status.SCHEDULED)]


@pytest.mark.parametrize("schedule_id", ["0000000000000", "no id"])
async def test_there_has_to_be_one_of_that_id(calendar: Calendar, schedule_id: str) -> None:
    with pytest.raises(ScheduleNotFoundError):
        await calendar.use.edit(schedule_id, ScheduleEdit(body=b"1"))


async def test_a_change_of_somebody_else_meanwhile_is_not_undone(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")

    def end_it() -> None:
        contents = calendar.world.partitions[PARTITION]
        contents.schedules[schedule.id] = schedule.edited(ScheduleEdit(missed=Missed.SKIP)).paused(None)

    calendar.line.meanwhile["change"] = end_it
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]"))
    assert (edited.missed, edited.template.body, edited.status) == (Missed.SKIP, b"[2]", ScheduleStatus.PAUSED)


async def test_when_others_change_it_without_end_the_client_is_asked_to_try_again(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")
    calendar.line.answers["change"] = WriteResult(stale=frozenset({schedule.id}))
    with pytest.raises(StoreUnavailableError, match="changed 100 times"):
        await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]"))


async def test_an_answer_that_is_lost_leaves_one_occurrence(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")
    calendar.line.lost_answers = ["change"]
    with pytest.raises(StoreUnavailableError):
        await calendar.use.edit(schedule.id, ScheduleEdit(cron="0 7 * * *"))
    await calendar.use.edit(schedule.id, ScheduleEdit(cron="0 7 * * *"))
    waiting = [message.at for message in calendar.of(schedule) if message.status is Status.SCHEDULED]
    assert waiting == [START + 7 * HOUR]


async def test_one_that_is_far_behind_catches_up_a_little_with_each_try(world: World, calendar: Calendar) -> None:
    schedule = await calendar.create("* * * * * *", missed=Missed.ALL)
    world.clock.advance(seconds(60_000))
    with pytest.raises(StoreUnavailableError):
        await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]"))
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]"))
    assert edited.next_at == START + seconds(60_001)
    made = calendar.of(schedule)
    assert [message.at for message in made if message.status is Status.SCHEDULED] == [
        START + seconds(n) for n in range(1, 60_002)
    ]
