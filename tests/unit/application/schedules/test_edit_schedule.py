"""Editing schedules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from postdate.application.events.events import MessageCancelled, MessagesScheduled
from postdate.application.ports.schedule_store import ScheduleWriteResult
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
"""A time before the year 1 in UTC."""


def times_of(calendar: Calendar, schedule: Schedule) -> list[tuple[datetime, Status]]:
    return [(message.at, message.status) for message in calendar.of(schedule)]


async def test_the_waiting_occurrence_is_cancelled_and_replaced(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(cron="0 7 * * *", timezone="Europe/Kyiv"))
    assert edited == await calendar.use.look.one(schedule.id)
    assert (edited.cron, edited.timezone, edited.next_at) == ("0 7 * * *", "Europe/Kyiv", START + 5 * HOUR)
    assert times_of(calendar, schedule) == [
        (START + 5 * HOUR, Status.SCHEDULED),
        (START + 9 * HOUR, Status.CANCELLED),
    ]
    (event,) = calendar.events.of(MessageCancelled)
    assert event.message.id == schedule.next_id
    assert [message.id for message in calendar.events.of(MessagesScheduled)[-1].messages] == [edited.next_id]


async def test_fields_that_an_edit_does_not_name_stay_as_they_are(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *", missed=Missed.ALL, ends_at=START + 100 * HOUR)
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]", labels=("a",)))
    assert (edited.template.body, edited.template.labels, edited.template.to) == (b"[2]", ("a",), "desk")
    assert (edited.cron, edited.missed, edited.ends_at) == (schedule.cron, schedule.missed, schedule.ends_at)
    assert edited.next_at == schedule.next_at
    waiting = [message for message in calendar.of(schedule) if message.status is Status.SCHEDULED]
    assert [(message.body, message.labels) for message in waiting] == [(b"[2]", ("a",))]


async def test_an_end_can_be_removed_and_set(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *", ends_at=START + 10 * HOUR)
    assert (await calendar.use.edit(schedule.id, ScheduleEdit(ends_at=None))).ends_at is None
    ended = await calendar.use.edit(schedule.id, ScheduleEdit(ends_at=START + 8 * HOUR))
    assert (ended.status, ended.next_at, ended.next_id) == (ScheduleStatus.ENDED, None, None)
    assert times_of(calendar, schedule) == [(START + 9 * HOUR, Status.CANCELLED)] * 2
    again = await calendar.use.edit(schedule.id, ScheduleEdit(ends_at=START + 40 * HOUR))
    assert (again.status, again.next_at) == (ScheduleStatus.ACTIVE, START + 9 * HOUR)


async def test_a_paused_schedule_stays_paused(world: World, calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")
    await calendar.use.pause(schedule.id)
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(cron="0 7 * * *"))
    assert (edited.status, edited.next_at) == (ScheduleStatus.PAUSED, None)
    await world.advance(24 * HOUR)
    assert calendar.begun() == []


async def test_an_occurrence_that_is_being_delivered_is_not_made_again(world: World, calendar: Calendar) -> None:
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


async def test_an_occurrence_that_ended_before_its_time_is_not_made_again(
    world: World, calendar: Calendar
) -> None:
    schedule = await calendar.create("0 9 * * *")
    (occurrence,) = calendar.of(schedule)
    contents = world.partitions[PARTITION]
    contents.stop_waiting(occurrence)
    contents.end(occurrence.cancelled(START), START)
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]"))
    assert edited.next_at == START + 33 * HOUR


async def test_occurrences_that_were_due_before_the_edit_are_not_left_out(
    world: World, calendar: Calendar
) -> None:
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
async def test_a_refused_edit_changes_nothing(
    calendar: Calendar, edit: ScheduleEdit, error: type[Exception]
) -> None:
    schedule = await calendar.create("0 9 * * *")
    with pytest.raises(error):
        await calendar.use.edit(schedule.id, edit)
    assert await calendar.use.look.one(schedule.id) == schedule
    assert times_of(calendar, schedule) == [(START + 9 * HOUR, Status.SCHEDULED)]


async def test_an_id_without_a_schedule_is_not_found(calendar: Calendar) -> None:
    deleted = await calendar.create("0 9 * * *")
    await calendar.use.delete(deleted.id)
    for schedule_id in (deleted.id, "0000000000000", "no id"):
        with pytest.raises(ScheduleNotFoundError):
            await calendar.use.edit(schedule_id, ScheduleEdit(body=b"1"))


async def test_a_change_that_another_made_meanwhile_is_not_undone(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")

    def pause() -> None:
        contents = calendar.world.partitions[PARTITION]
        contents.schedules[schedule.id] = schedule.edited(ScheduleEdit(missed=Missed.SKIP)).paused(None)

    calendar.line.meanwhile["write"] = pause
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]"))
    assert (edited.missed, edited.template.body, edited.status) == (Missed.SKIP, b"[2]", ScheduleStatus.PAUSED)


async def test_an_edit_that_others_overtake_again_and_again_is_given_up(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")
    calendar.line.answers["write"] = ScheduleWriteResult(stale=frozenset({schedule.id}))
    with pytest.raises(StoreUnavailableError, match="changed 100 times"):
        await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]"))


async def test_a_lost_reply_leaves_one_occurrence(calendar: Calendar) -> None:
    schedule = await calendar.create("0 9 * * *")
    calendar.line.lost_answers = ["write"]
    with pytest.raises(StoreUnavailableError):
        await calendar.use.edit(schedule.id, ScheduleEdit(cron="0 7 * * *"))
    await calendar.use.edit(schedule.id, ScheduleEdit(cron="0 7 * * *"))
    waiting = [message.at for message in calendar.of(schedule) if message.status is Status.SCHEDULED]
    assert waiting == [START + 7 * HOUR]


async def test_a_schedule_that_is_far_behind_catches_up_further_with_each_try(
    world: World, calendar: Calendar
) -> None:
    schedule = await calendar.create("* * * * * *", missed=Missed.ALL)
    world.clock.advance(seconds(60_000))
    with pytest.raises(StoreUnavailableError, match="still behind"):
        await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]"))
    edited = await calendar.use.edit(schedule.id, ScheduleEdit(body=b"[2]"))
    assert edited.next_at == START + seconds(60_001)
    messages = calendar.of(schedule)
    assert [message.at for message in messages if message.status is Status.SCHEDULED] == [
        START + seconds(n) for n in range(1, 60_002)
    ]
