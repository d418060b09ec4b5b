"""Planning: each occurrence once and on time, through downtime, outages and deaths."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.application.delivery.partition_worker import PartitionWorker
from postdate.application.events.events import MessagesScheduled, UnexpectedErrorCaught
from postdate.application.schedules.occurrences import MAX_OCCURRENCES_PER_UPDATE
from postdate.application.schedules.plan_occurrences import SCHEDULES_PER_PASS
from postdate.application.schedules.planned_updates import MAX_OCCURRENCES_PER_PASS
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


async def test_every_occurrence_is_delivered_at_its_exact_time(world: World, calendar: Calendar) -> None:
    await world.start("one")
    await calendar.planner()
    await calendar.create("* * * * * *")
    await world.advance(seconds(30.5))
    assert calendar.begun() == [(time, time) for time in every(1, 30)]


async def test_a_schedule_that_is_created_just_before_its_occurrence_is_on_time(
    world: World, calendar: Calendar
) -> None:
    await world.start("one")
    await calendar.planner()
    await world.advance(ms(1999))
    await calendar.create("* * * * * *")
    await world.advance(seconds(3))
    assert calendar.begun() == [(time, time) for time in every(2, 4)]


async def test_each_occurrence_is_a_separate_message_with_the_id_of_its_schedule(
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


async def test_an_occurrence_that_is_retried_does_not_delay_the_next(world: World, calendar: Calendar) -> None:
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


async def test_a_schedule_ends_with_its_last_occurrence(world: World, calendar: Calendar) -> None:
    await world.start("one")
    await calendar.planner()
    schedule = await calendar.create("* * * * * *", starts_at=START + seconds(3), ends_at=START + seconds(5))
    await world.advance(seconds(10))
    assert calendar.begun() == [(time, time) for time in every(3, 5)]
    ended = await calendar.use.look.one(schedule.id)
    assert (ended.status, ended.next_at, ended.last_at) == (ScheduleStatus.ENDED, None, START + seconds(5))


async def test_an_event_is_recorded_for_each_occurrence_that_is_written(world: World, calendar: Calendar) -> None:
    planner = await calendar.planner()
    await calendar.create("* * * * * *")
    await world.advance(seconds(1.5))
    (created,) = calendar.events.of(MessagesScheduled)
    (planned,) = planner.events.of(MessagesScheduled)
    assert [message.at for message in (*created.messages, *planned.messages)] == at(1, 2)


# --- downtime ------------------------------------------------------------------------------------------------


async def end_downtime(world: World, calendar: Calendar) -> None:
    """Starts an instance after a downtime."""
    await world.start("late")
    await calendar.planner()
    await world.advance(seconds(1))


@pytest.mark.parametrize(
    ("missed", "delivered"),
    [(Missed.SKIP, at(210)), (Missed.ONCE, at(180, 210)), (Missed.ALL, at(60, 120, 180, 210))],
)
async def test_missed_occurrences_are_delivered_as_the_schedule_asks(
    world: World, calendar: Calendar, missed: Missed, delivered: list[datetime]
) -> None:
    await calendar.create("0 * * * * *", missed=missed)
    await calendar.create("30 3 * * * *", missed=missed)
    world.clock.advance(seconds(205))
    await end_downtime(world, calendar)
    await world.advance(seconds(10))
    assert sorted(time for time, _ in calendar.begun()) == delivered


@pytest.mark.parametrize("missed", Missed)
async def test_an_occurrence_that_is_ten_seconds_late_was_not_missed(
    world: World, calendar: Calendar, missed: Missed
) -> None:
    await calendar.create("*/2 * * * * *", missed=missed)
    world.clock.advance(seconds(11.5))
    await end_downtime(world, calendar)
    assert [time for time, _ in calendar.begun()][-5:] == every(4, 12, 2)


@pytest.mark.parametrize(("missed", "count"), [(Missed.SKIP, 0), (Missed.ONCE, 1), (Missed.ALL, 1)])
async def test_a_single_occurrence_during_a_downtime_is_missed_too(
    world: World, calendar: Calendar, missed: Missed, count: int
) -> None:
    schedule = await calendar.create("0 1 * * *", missed=missed)
    world.clock.advance(timedelta(hours=2))
    await end_downtime(world, calendar)
    assert [time for time, _ in calendar.begun()] == [START + timedelta(hours=1)] * count
    expected = Status.DELIVERED if count else Status.EXPIRED
    assert [message.status for message in calendar.of(schedule)] == [expected, Status.SCHEDULED]


async def test_very_many_missed_occurrences_are_all_delivered_in_order(world: World, calendar: Calendar) -> None:
    await calendar.create("* * * * * *", missed=Missed.ALL)
    world.clock.advance(seconds(2345.5))
    await end_downtime(world, calendar)
    assert [time for time, _ in calendar.begun()] == every(1, 2346)


@pytest.mark.parametrize("missed", [Missed.SKIP, Missed.ONCE])
async def test_a_year_of_missed_seconds_is_skipped_at_once(
    world: World, calendar: Calendar, missed: Missed
) -> None:
    await calendar.create("* * * * * *", missed=missed)
    away = timedelta(days=365).total_seconds() + 0.5
    world.clock.advance(seconds(away))
    await end_downtime(world, calendar)
    assert [time for time, _ in calendar.begun()] == every(int(away) - 9, int(away) + 1)


async def test_a_schedule_that_is_far_behind_gets_no_more_occurrences_than_are_delivered(
    world: World, calendar: Calendar
) -> None:
    planner = await calendar.planner()
    schedule = await calendar.create("* * * * * *", missed=Missed.ALL)
    world.clock.advance(seconds(100_000))
    await world.advance(seconds(2))
    waiting = [message for message in calendar.of(schedule) if message.status is Status.SCHEDULED]
    assert len(waiting) <= 1 + MAX_OCCURRENCES_PER_UPDATE
    assert planner.events.of(UnexpectedErrorCaught) == []


async def test_a_schedule_that_is_far_behind_does_not_delay_others(world: World, calendar: Calendar) -> None:
    await calendar.planner()
    await calendar.create("* * * * * *", missed=Missed.ALL)
    world.clock.advance(seconds(100_000))
    other = await calendar.create("* * * * * *")
    await world.advance(seconds(3))
    assert [message.at for message in calendar.of(other)] == every(100_001, 100_004)


async def test_fewer_occurrences_are_written_at_once_if_their_bodies_are_large(
    world: World, calendar: Calendar
) -> None:
    template = Template(body=b'"' + b"x" * 1_000_000 + b'"', to="desk")
    schedule = await calendar.create("* * * * * *", missed=Missed.ALL, template=template)
    world.clock.advance(seconds(100))
    planner = await calendar.planner()
    assert planner.events.of(MessagesScheduled) == []
    world.partitions[PARTITION].messages.pop(schedule.next_id or MessageId(""))
    await world.advance(ms(30))
    (event, *_) = planner.events.of(MessagesScheduled)
    assert len(event.messages) == 4


async def test_many_schedules_that_this_instance_cannot_plan_do_not_delay_others(
    world: World, calendar: Calendar
) -> None:
    planner = await calendar.planner()
    contents = world.partitions[PARTITION]
    for _ in range(3 * SCHEDULES_PER_PASS):
        strange = await calendar.create("* * * * * *")
        object.__setattr__(contents.schedules[strange.id], "timezone", "Mars/Olympus")
    sound = await calendar.create("* * * * * *")
    await world.advance(seconds(5.5))
    assert [message.at for message in calendar.of(sound)] == every(1, 6)
    assert len(planner.events.of(UnexpectedErrorCaught)) == 3 * SCHEDULES_PER_PASS


async def test_a_single_run_delivers_all_missed_occurrences(world: World, calendar: Calendar) -> None:
    await calendar.create("* * * * * *", missed=Missed.ALL)
    world.clock.advance(seconds(1234.5))
    instance, planner = world.instance("cron job"), await calendar.planner()
    await planner.kill()
    planner.line.cut = False
    await PartitionWorker(instance.loop, planner.loop).run_once()
    assert [time for time, _ in calendar.begun()] == every(1, 1234)


async def test_a_single_run_delivers_one_occurrence_for_all_missed_ones(world: World, calendar: Calendar) -> None:
    await calendar.create("0 * * * * *")
    world.clock.advance(seconds(195))
    instance, planner = world.instance("cron job"), await calendar.planner()
    await planner.kill()
    planner.line.cut = False
    await PartitionWorker(instance.loop, planner.loop).run_once()
    assert calendar.begun() == [(START + seconds(180), START + seconds(195))]


# --- many instances, deaths, outages -------------------------------------------------------------------------


async def test_many_instances_that_plan_write_each_occurrence_once(world: World, calendar: Calendar) -> None:
    await world.start("one")
    for number in range(5):
        await calendar.planner(jitter=number / 5)
    schedules = [await calendar.create("* * * * * *") for _ in range(3)]
    await world.advance(seconds(20.5))
    for schedule in schedules:
        assert [message.at for message in calendar.of(schedule)] == every(1, 21)


async def test_an_instance_defers_to_the_one_that_was_faster(world: World, calendar: Calendar) -> None:
    planners = [await calendar.planner(jitter=number / 5) for number in range(5)]
    await calendar.create("* * * * * *")
    await world.advance(seconds(5.5))
    for planner in planners:
        planner.line.calls.clear()
    await world.advance(seconds(10))
    assert sorted(planner.line.calls.count("write") for planner in planners) == [0, 0, 0, 0, 10]


async def test_the_death_of_the_planning_instance_neither_delays_an_occurrence_nor_leaves_one_out(
    world: World, calendar: Calendar
) -> None:
    await world.start("one")
    planners = [await calendar.planner(jitter=number / 5) for number in range(5)]
    await calendar.create("* * * * * *")
    for planner in planners[:-1]:
        await world.advance(seconds(3.3))
        await planner.kill()
    await world.advance(seconds(3.3))
    assert calendar.begun() == [(time, time) for time in every(1, 16)]


@pytest.mark.parametrize("command", ["find_due", "write"])
async def test_a_lost_reply_makes_no_occurrence_twice(world: World, calendar: Calendar, command: str) -> None:
    await world.start("one")
    planner = await calendar.planner()
    await calendar.create("* * * * * *")
    await world.advance(seconds(2.5))
    planner.line.lost_answers = [command]
    await world.advance(seconds(5))
    assert calendar.begun() == [(time, time) for time in every(1, 7)]


async def test_planning_continues_after_an_outage(world: World, calendar: Calendar) -> None:
    await world.start("one")
    planner = await calendar.planner()
    await calendar.create("* * * * * *")
    await world.advance(seconds(2.5))
    planner.line.cut = True
    await world.advance(seconds(5))
    planner.line.cut = False
    await world.advance(seconds(5))
    assert sorted(time for time, _ in calendar.begun()) == every(1, 12)
    assert planner.events.of(UnexpectedErrorCaught) == []


async def test_an_outage_is_recorded_once_if_occurrences_are_missed_because_of_it(
    world: World, calendar: Calendar
) -> None:
    planner = await calendar.planner()
    planner.line.cut = True
    await world.advance(seconds(30))
    (event,) = planner.events.of(UnexpectedErrorCaught)
    assert isinstance(event.error, StoreUnavailableError)
    planner.line.cut = False
    await world.advance(seconds(1))
    planner.line.cut = True
    await world.advance(seconds(30))
    assert len(planner.events.of(UnexpectedErrorCaught)) == 2


async def test_an_unexpected_error_is_recorded_and_planning_continues(world: World, calendar: Calendar) -> None:
    await world.start("one")
    planner = await calendar.planner()
    planner.line.faults["find_due"] = [RuntimeError("unexpected")]
    await calendar.create("* * * * * *")
    await world.advance(seconds(5.5))
    assert calendar.begun() == [(time, time) for time in every(1, 5)]
    assert len(planner.events.of(UnexpectedErrorCaught)) == 1


async def test_a_schedule_whose_time_zone_is_unknown_to_this_instance_does_not_delay_others(
    world: World, calendar: Calendar
) -> None:
    await world.start("one")
    planner = await calendar.planner()
    strange = await calendar.create("* * * * * *")
    contents = world.partitions[PARTITION]
    # As if this instance had an older database of time zones.
    object.__setattr__(contents.schedules[strange.id], "timezone", "Mars/Olympus")
    sound = await calendar.create("* * * * * *")
    planner.line.calls.clear()
    await world.advance(seconds(5.5))
    assert [message.at for message in calendar.of(sound)] == every(1, 6)
    assert len(planner.events.of(UnexpectedErrorCaught)) == 1
    assert len(planner.line.calls) < 40


async def test_one_pass_does_not_write_too_many_occurrences(world: World, calendar: Calendar) -> None:
    schedules = [await calendar.create("* * * * * *", missed=Missed.ALL) for _ in range(5)]
    world.clock.advance(seconds(450))
    planner = await calendar.planner()
    first = planner.events.of(MessagesScheduled)[0]
    assert len(first.messages) < MAX_OCCURRENCES_PER_PASS + 500
    await world.advance(seconds(1))
    for schedule in schedules:
        assert [message.at for message in calendar.of(schedule)] == every(1, 452)


async def test_a_planner_sleeps_until_there_is_something_to_plan(world: World, calendar: Calendar) -> None:
    planner = await calendar.planner()
    await world.advance(seconds(10))
    assert len(planner.line.calls) <= 21
    await calendar.create("* * * * * *")
    planner.line.calls.clear()
    await world.advance(seconds(10))
    assert planner.line.calls.count("write") == 10
    assert planner.line.calls.count("find_due") <= 31


async def test_the_instances_with_a_role_plan_and_others_replace_them_when_both_die(
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
    assert {time for time, _ in calendar.begun()} == set(every(1, 15))


async def test_a_loop_ends_when_it_is_stopped(calendar: Calendar) -> None:
    planner = await calendar.planner()
    planner.loop.stop()
    await let_others_run()
    assert planner.task is not None
    assert planner.task.done()


async def test_planning_and_delivery_end_together(world: World, calendar: Calendar) -> None:
    planner = await calendar.planner()
    await planner.kill()
    planner.line.cut = False
    worker = PartitionWorker(world.instance("one").loop, planner.loop)
    running = asyncio.create_task(worker.run())
    await calendar.create("* * * * * *")
    await world.advance(seconds(3.5))
    worker.stop()
    await let_others_run()
    assert running.done()
    assert calendar.begun() == [(time, time) for time in every(1, 3)]
