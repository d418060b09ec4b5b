"""Creating schedules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from postdate.application.events.events import MessagesScheduled
from postdate.domain.errors import (
    InvalidCronError,
    InvalidHeaderError,
    InvalidTimeError,
    NoOccurrenceError,
    StoreUnavailableError,
    UnknownChannelError,
    UnknownTimezoneError,
)
from postdate.domain.ids import MessageId
from postdate.domain.messages.retry import RetryPolicy
from postdate.domain.schedules.schedule import Missed, ScheduleStatus, Template
from tests.unit.application.world import PARTITION, seconds

if TYPE_CHECKING:
    from tests.unit.application.schedules.calendar import Calendar
    from tests.unit.application.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_schedule_is_stored_as_it_is_returned_and_its_first_occurrence_is_waiting(
    calendar: Calendar,
) -> None:
    template = Template(
        body=b"[1]",
        to="desk",
        retry=RetryPolicy(attempts=2),
        labels=("cart-42",),
        headers=(("X-A", "b"),),
        expires_after=timedelta(hours=2),
    )
    schedule = await calendar.create("0 9 * * *", timezone="Europe/Kyiv", missed=Missed.ALL, template=template)
    assert await calendar.use.look.one(schedule.id) == schedule
    assert (schedule.status, schedule.created_at, schedule.revision) == (ScheduleStatus.ACTIVE, START, 1)
    assert schedule.next_at == START + timedelta(hours=7)
    (message,) = calendar.of(schedule)
    assert (message.id, message.at, message.due_at) == (schedule.next_id, schedule.next_at, schedule.next_at)
    assert (message.body, message.to, message.retry) == (b"[1]", "desk", template.retry)
    assert (message.labels, message.headers) == (template.labels, template.headers)
    assert message.expires_at == message.at + timedelta(hours=2)
    (event,) = calendar.events.of(MessagesScheduled)
    assert list(event.messages) == [message]


async def test_the_first_occurrence_may_be_at_the_start_but_not_before_it(calendar: Calendar) -> None:
    schedule = await calendar.create("0 * * * *", starts_at=START + timedelta(hours=5))
    assert schedule.next_at == START + timedelta(hours=5)


async def test_the_doorbell_rings_for_an_earlier_occurrence_only(world: World, calendar: Calendar) -> None:
    rung = []
    async with world.doorbell.listen(PARTITION, lambda: rung.append(True)):
        await calendar.create("0 * * * *")
        assert len(rung) == 1
        await calendar.create("0 * * * *")
        assert len(rung) == 1


async def test_partitions_are_registered_before_a_schedule_is_written(calendar: Calendar) -> None:
    with pytest.raises(InvalidCronError):
        await calendar.create("nonsense")
    assert calendar.registrations == 0
    await calendar.create("* * * * *")
    assert calendar.registrations == 1


@pytest.mark.parametrize(
    ("cron", "asked", "error"),
    [
        ("* * *", {}, InvalidCronError),
        ("0 0 30 2 *", {}, InvalidCronError),
        ("* * * * *", {"timezone": "Mars/Olympus"}, UnknownTimezoneError),
        ("* * * * *", {"template": Template(body=b"1", to="nowhere")}, UnknownChannelError),
        (
            "* * * * *",
            {"template": Template(body=b"1", to="desk", headers=(("Host", "elsewhere"),))},
            InvalidHeaderError,
        ),
        ("0 9 * * *", {"ends_at": START + timedelta(hours=8)}, NoOccurrenceError),
        ("* * * * *", {"ends_at": START}, NoOccurrenceError),
        ("* * * * *", {"starts_at": START + seconds(100), "ends_at": START + seconds(90)}, NoOccurrenceError),
        ("0 0 * * *", {"starts_at": datetime(9999, 12, 31, 12, tzinfo=UTC)}, NoOccurrenceError),
    ],
)
async def test_a_schedule_that_would_never_occur_or_arrive_is_refused_and_not_stored(
    calendar: Calendar, cron: str, asked: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await calendar.create(cron, **asked)  # type: ignore[arg-type]  # a case names what it asks for
    assert (await calendar.use.look.page(10)).schedules == []


@pytest.mark.parametrize("field", ["starts_at", "ends_at"])
async def test_a_start_or_end_outside_the_years_of_utc_is_refused(calendar: Calendar, field: str) -> None:
    beyond = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
    with pytest.raises(InvalidTimeError):
        await calendar.create("* * * * *", **{field: beyond})  # type: ignore[arg-type]  # one of two names


async def test_taken_ids_are_replaced_by_others(world: World, calendar: Calendar) -> None:
    first = world.ids.next(world.clock.now())
    taken = [MessageId(f"{first[:7]}{number:04}{first[-1]}") for number in range(1, 7)]
    messages = world.partitions[PARTITION].messages
    messages.update(dict.fromkeys(taken, world.message(seconds(1))))
    schedule = await calendar.create("* * * * *")
    assert await calendar.use.look.one(schedule.id) == schedule
    assert schedule.next_id not in taken
    assert schedule.next_id in messages


async def test_a_store_that_does_not_answer_is_reported(calendar: Calendar) -> None:
    calendar.line.cut = True
    with pytest.raises(StoreUnavailableError):
        await calendar.create("* * * * *")
