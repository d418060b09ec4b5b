"""Schedules as they go on: on time, each occurrence once, through downtime, outages and deaths."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.application.delivery.partition_worker import PartitionWorker
from postdate.application.events.events import LoopFailed, MessagesScheduled
from postdate.application.schedules.occurrences import MAX_OCCURRENCES_PER_UPDATE
from postdate.application.schedules.plan_occurrences import BATCH, MAX_OCCURRENCES_PER_PASS
from postdate.domain.errors import StoreUnavailableError
from postdate.domain.ids import MessageId
from postdate.domain.messages.outcome import Failed
from postdate.domain.messages.retry import Backoff, RetryPolicy
from postdate.domain.messages.status import Status
from postdate.domain.schedules.schedule import Missed, ScheduleStatus, Template
from tests.unit.application.world import PARTITION, let_others_run, ms, seconds

if TYPE_CHECKING:
    from tests.unit.application.schedules.calendar import Calendar
    from tests.unit.application.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURLY_RETRIES = RetryPolicy(
    attempts=5, backoff=Backoff.FIXED, base=timedelta(minutes=20), cap=timedelta(hours=1), jitter=False
)


def at(*each: float) -> list[datetime]:
    return [START + seconds(second) for second in each]


def every(first: int, last: int, step: int = 1) -> list[datetime]:
    return at(*range(first, last + 1, step))


# --- on time -------------------------------------------------------------------------------------------------


async def test_every_occurrence_is_delivered_at_its_very_moment(world: World, calendar: Calendar) -> None:
    await world.start("one")
    await calendar.planner()
    await calendar.create("* * * * * *")
    await world.advance(seconds(30.5))
    assert calendar.begun() == [(moment, moment) for moment in every(1, 30)]


async def test_a_schedule_that_is_made_just_before_its_occurrence_is_on_time(
    world: World, calendar: Calendar
) -> None:
    await world.start("one")
    await calendar.planner()
    await world.advance(ms(1999))
    await calendar.create("* * * * * *")
    await world.advance(seconds(3))
    assert calendar.begun() == [(moment, moment) for moment in every(2, 4)]


async def test_each_occurrence_is_a_message_of_its_own_with_the_id_of_its_schedule(
    world: World, calendar: Calendar
) -> None:
    await world.start("one")
    await calendar.planner()
    schedule = await calendar.create("*/10 * * * * *")
    await world.advance(seconds(25))
    messages = calendar.of(schedule)
    assert [message.at for message in messages] == at(10, 20, 30)
    assert [message.status for message in messages] == [Status.DELIVERED, Status.DELIVERED, Status.SCHEDULED]
    assert len({message.id for message in messages}) == 3


async def test_an_occurrence_that_is_retried_does_not_hold_up_the_next(world: World, calendar: Calendar) -> None:
    one = await world.start("one")
    await calendar.planner()
    one.desk.answers = [Failed(reason="busy"), Failed(reason="busy")]
    template = Template(body=b"1", to="desk", retry=HOURLY_RETRIES)
    await calendar.create("*/15 * * * *", template=template)
    await world.advance(timedelta(hours=1, minutes=1))
    quarter = 900
    assert sorted(calendar.begun()) == [
        (START + seconds(quarter), START + seconds(quarter)),
        (START + seconds(quarter), START + timedelta(minutes=35)),
        (START + seconds(2 * quarter), START + seconds(2 * quarter)),
        (START + seconds(2 * quarter), START + timedelta(minutes=50)),
        (START + seconds(3 * quarter), START + seconds(3 * quarter)),
        (START + seconds(4 * quarter), START + seconds(4 * quarter)),
    ]


async def test_after_its_last_occurrence_a_schedule_has_ended(world: World, calendar: Calendar) -> None:
    await world.start("one")
    await calendar.planner()
    schedule = await calendar.create("* * * * * *", starts_at=START + seconds(3), ends_at=START + seconds(5))
    await world.advance(seconds(10))
    assert calendar.begun() == [(moment, moment) for moment in every(3, 5)]
    ended = await calendar.use.look.one(schedule.id)
    assert (ended.status, ended.next_at, ended.last_at) == (ScheduleStatus.ENDED, None, START + seconds(5))


async def test_what_is_written_is_told(world: World, calendar: Calendar) -> None:
    planner = await calendar.planner()
    await calendar.create("* * * * * *")
    await world.advance(seconds(1.5))
    (created,) = calendar.events.of(MessagesScheduled)
    (planned,) = planner.events.of(MessagesScheduled)
    assert [message.at for message in (*created.messages, *planned.messages)] == at(1, 2)


# --- downtime ------------------------------------------------------------------------------------------------


async def come_back(world: World, calendar: Calendar) -> None:
    """Starts an instance after nobody was there, whose delivery is as quick as can be."""
    await world.start("late")
    await calendar.planner()
    await world.advance(seconds(1))


@pytest.mark.parametrize(
    ("missed", "delivered"),
    [(Missed.SKIP, at(210)), (Missed.ONCE, at(180, 210)), (Missed.ALL, at(60, 120, 180, 210))],
)
async def test_of_what_was_missed_is_delivered_what_was_asked_for(
    world: World, calendar: Calendar, missed: Missed, delivered: list[datetime]
) -> None:
    await calendar.create("0 * * * * *", missed=missed)
    await calendar.create("30 3 * * * *", missed=missed)
    world.clock.advance(seconds(205))
    await come_back(world, calendar)
    await world.advance(seconds(10))
    assert sorted(moment for moment, _ in calendar.begun()) == delivered


@pytest.mark.parametrize("missed", Missed)
async def test_what_is_ten_seconds_late_was_not_missed(world: World, calendar: Calendar, missed: Missed) -> None:
    await calendar.create("*/2 * * * * *", missed=missed)
    world.clock.advance(seconds(11.5))
    await come_back(world, calendar)
    assert [moment for moment, _ in calendar.begun()][-5:] == every(4, 12, 2)


@pytest.mark.parametrize(("missed", "count"), [(Missed.SKIP, 0), (Missed.ONCE, 1), (Missed.ALL, 1)])
async def test_a_single_one_that_nobody_was_there_for_is_missed_too(
    world: World, calendar: Calendar, missed: Missed, count: int
) -> None:
    schedule = await calendar.create("0 1 * * *", missed=missed)
    world.clock.advance(timedelta(hours=2))
    await come_back(world, calendar)
    assert [moment for moment, _ in calendar.begun()] == [START + timedelta(hours=1)] * count
    expected = Status.DELIVERED if count else Status.EXPIRED
    assert [message.status for message in calendar.of(schedule)] == [expected, Status.SCHEDULED]


async def test_very_many_that_were_missed_are_all_delivered_in_order(world: World, calendar: Calendar) -> None:
    await calendar.create("* * * * * *", missed=Missed.ALL)
    world.clock.advance(seconds(2345.5))
    await come_back(world, calendar)
    assert [moment for moment, _ in calendar.begun()] == every(1, 2346)


@pytest.mark.parametrize("missed", [Missed.SKIP, Missed.ONCE])
async def test_a_year_of_missed_seconds_is_over_at_once(world: World, calendar: Calendar, missed: Missed) -> None:
    await calendar.create("* * * * * *", missed=missed)
    away = timedelta(days=365).total_seconds() + 0.5
    world.clock.advance(seconds(away))
    await come_back(world, calendar)
    assert [moment for moment, _ in calendar.begun()] == every(int(away) - 9, int(away) + 1)


async def test_of_what_is_far_behind_no_more_is_made_than_is_delivered(world: World, calendar: Calendar) -> None:
    planner = await calendar.planner()
    schedule = await calendar.create("* * * * * *", missed=Missed.ALL)
    world.clock.advance(seconds(100_000))
    await world.advance(seconds(2))
    waiting = [message for message in calendar.of(schedule) if message.status is Status.SCHEDULED]
    assert len(waiting) <= 1 + MAX_OCCURRENCES_PER_UPDATE
    assert planner.events.of(LoopFailed) == []


async def test_one_that_is_far_behind_does_not_hold_up_others(world: World, calendar: Calendar) -> None:
    await calendar.planner()
    await calendar.create("* * * * * *", missed=Missed.ALL)
    world.clock.advance(seconds(100_000))
    other = await calendar.create("* * * * * *")
    await world.advance(seconds(3))
    assert [message.at for message in calendar.of(other)] == every(100_001, 100_004)


async def test_the_longer_a_body_is_the_fewer_occurrences_are_made_at_once(
    world: World, calendar: Calendar
) -> None:
    template = Template(body=b'"' + b"x" * 1_000_000 + b'"', to="desk")
    schedule = await calendar.create("* * * * * *", missed=Missed.ALL, template=template)
    world.clock.advance(seconds(100))
    planner = await calendar.planner()
    told = planner.events.of(MessagesScheduled)
    assert told == []
    world.partitions[PARTITION].messages.pop(schedule.next_id or MessageId(""))
    await world.advance(ms(30))
    (told_of, *_) = planner.events.of(MessagesScheduled)
    assert len(told_of.messages) == 4


async def test_many_that_cannot_be_planned_here_hold_up_no_other(world: World, calendar: Calendar) -> None:
    planner = await calendar.planner()
    contents = world.partitions[PARTITION]
    for _ in range(3 * BATCH):
        strange = await calendar.create("* * * * * *")
        object.__setattr__(contents.schedules[strange.id], "timezone", "Mars/Olympus")
    sound = await calendar.create("* * * * * *")
    await world.advance(seconds(5.5))
    assert [message.at for message in calendar.of(sound)] == every(1, 6)
    assert len(planner.events.of(LoopFailed)) == 3 * BATCH


async def test_all_that_was_missed_is_delivered_by_a_single_run_too(world: World, calendar: Calendar) -> None:
    await calendar.create("* * * * * *", missed=Missed.ALL)
    world.clock.advance(seconds(1234.5))
    instance, planner = world.instance("cron job"), await calendar.planner()
    await planner.kill()
    planner.line.cut = False
    await PartitionWorker(instance.loop, planner.loop).run_once()
    assert [moment for moment, _ in calendar.begun()] == every(1, 1234)


async def test_what_is_due_once_is_delivered_by_a_single_run(world: World, calendar: Calendar) -> None:
    await calendar.create("0 * * * * *")
    world.clock.advance(seconds(195))
    instance, planner = world.instance("cron job"), await calendar.planner()
    await planner.kill()
    planner.line.cut = False
    await PartitionWorker(instance.loop, planner.loop).run_once()
    assert calendar.begun() == [(START + seconds(180), START + seconds(195))]


# --- many instances, deaths, outages -------------------------------------------------------------------------


async def test_of_many_instances_that_plan_each_occurrence_is_made_once(world: World, calendar: Calendar) -> None:
    await world.start("one")
    for number in range(5):
        await calendar.planner(jitter=number / 5)
    schedules = [await calendar.create("* * * * * *") for _ in range(3)]
    await world.advance(seconds(20.5))
    for schedule in schedules:
        assert [message.at for message in calendar.of(schedule)] == every(1, 21)


async def test_who_comes_second_stands_back(world: World, calendar: Calendar) -> None:
    planners = [await calendar.planner(jitter=number / 5) for number in range(5)]
    await calendar.create("* * * * * *")
    await world.advance(seconds(5.5))
    for planner in planners:
        planner.line.calls.clear()
    await world.advance(seconds(10))
    assert sorted(planner.line.calls.count("write") for planner in planners) == [0, 0, 0, 0, 10]


async def test_no_occurrence_is_late_or_left_out_when_who_plans_dies(world: World, calendar: Calendar) -> None:
    await world.start("one")
    planners = [await calendar.planner(jitter=number / 5) for number in range(5)]
    await calendar.create("* * * * * *")
    for planner in planners[:-1]:
        await world.advance(seconds(3.3))
        await planner.kill()
    await world.advance(seconds(3.3))
    assert calendar.begun() == [(moment, moment) for moment in every(1, 16)]


@pytest.mark.parametrize("command", ["planned", "write"])
async def test_an_answer_that_is_lost_makes_no_occurrence_come_twice(
    world: World, calendar: Calendar, command: str
) -> None:
    await world.start("one")
    planner = await calendar.planner()
    await calendar.create("* * * * * *")
    await world.advance(seconds(2.5))
    planner.line.lost_answers = [command]
    await world.advance(seconds(5))
    assert calendar.begun() == [(moment, moment) for moment in every(1, 7)]


async def test_planning_goes_on_after_an_outage(world: World, calendar: Calendar) -> None:
    await world.start("one")
    planner = await calendar.planner()
    await calendar.create("* * * * * *")
    await world.advance(seconds(2.5))
    planner.line.cut = True
    await world.advance(seconds(5))
    planner.line.cut = False
    await world.advance(seconds(5))
    assert sorted(moment for moment, _ in calendar.begun()) == every(1, 12)
    assert planner.events.of(LoopFailed) == []


async def test_an_outage_that_makes_occurrences_be_missed_is_told_once(world: World, calendar: Calendar) -> None:
    planner = await calendar.planner()
    planner.line.cut = True
    await world.advance(seconds(30))
    (told,) = planner.events.of(LoopFailed)
    assert isinstance(told.error, StoreUnavailableError)
    planner.line.cut = False
    await world.advance(seconds(1))
    planner.line.cut = True
    await world.advance(seconds(30))
    assert len(planner.events.of(LoopFailed)) == 2


async def test_an_unforeseen_fault_is_told_and_planning_goes_on(world: World, calendar: Calendar) -> None:
    await world.start("one")
    planner = await calendar.planner()
    planner.line.faults["planned"] = [RuntimeError("who would have thought")]
    await calendar.create("* * * * * *")
    await world.advance(seconds(5.5))
    assert calendar.begun() == [(moment, moment) for moment in every(1, 5)]
    assert len(planner.events.of(LoopFailed)) == 1


async def test_a_schedule_whose_zone_is_not_known_here_holds_up_no_other(world: World, calendar: Calendar) -> None:
    await world.start("one")
    planner = await calendar.planner()
    strange = await calendar.create("* * * * * *")
    contents = world.partitions[PARTITION]
    object.__setattr__(contents.schedules[strange.id], "timezone", "Mars/Olympus")  # as an older database would
    sound = await calendar.create("* * * * * *")
    planner.line.calls.clear()
    await world.advance(seconds(5.5))
    assert [message.at for message in calendar.of(sound)] == every(1, 6)
    assert len(planner.events.of(LoopFailed)) == 1
    assert len(planner.line.calls) < 40


async def test_one_pass_does_not_take_on_too_much(world: World, calendar: Calendar) -> None:
    schedules = [await calendar.create("* * * * * *", missed=Missed.ALL) for _ in range(5)]
    world.clock.advance(seconds(450))
    planner = await calendar.planner()
    first = planner.events.of(MessagesScheduled)[0]
    assert len(first.messages) < MAX_OCCURRENCES_PER_PASS + 500
    await world.advance(seconds(1))
    for schedule in schedules:
        assert [message.at for message in calendar.of(schedule)] == every(1, 452)


async def test_who_plans_sleeps_until_there_is_something_to_do(world: World, calendar: Calendar) -> None:
    planner = await calendar.planner()
    await world.advance(seconds(10))
    assert len(planner.line.calls) <= 21
    await calendar.create("* * * * * *")
    planner.line.calls.clear()
    await world.advance(seconds(10))
    assert planner.line.calls.count("write") == 10
    assert planner.line.calls.count("planned") <= 31


async def test_of_many_instances_those_with_a_role_plan_and_an_heir_of_both_goes_on(
    world: World, calendar: Calendar
) -> None:
    instances = [await world.start(f"instance {number}") for number in range(5)]
    planners = [
        await calendar.planner(number / 5, lambda instance=instance: instance.loop.has_role)  # type: ignore[misc]  # bound at once
        for number, instance in enumerate(instances)
    ]
    schedule = await calendar.create("* * * * * *", missed=Missed.ALL)
    await world.advance(seconds(5.5))
    assert [bool(planner.line.calls) for planner in planners] == [True, True, False, False, False]
    for instance, planner in list(zip(instances, planners, strict=True))[:2]:
        await instance.kill()
        await planner.kill()
    await world.advance(seconds(10))
    assert any(planner.line.calls for planner in planners[2:])
    assert [message.at for message in calendar.of(schedule)] == every(1, 16)
    assert {moment for moment, _ in calendar.begun()} == set(every(1, 15))


async def test_a_loop_ends_when_it_is_told_to(calendar: Calendar) -> None:
    planner = await calendar.planner()
    planner.loop.stop()
    await let_others_run()
    assert planner.task is not None
    assert planner.task.done()


async def test_both_duties_end_together(world: World, calendar: Calendar) -> None:
    planner = await calendar.planner()
    await planner.kill()
    planner.line.cut = False
    duties = PartitionWorker(world.instance("one").loop, planner.loop)
    running = asyncio.create_task(duties.run())
    await calendar.create("* * * * * *")
    await world.advance(seconds(3.5))
    duties.stop()
    await let_others_run()
    assert running.done()
    assert calendar.begun() == [(moment, moment) for moment in every(1, 3)]
