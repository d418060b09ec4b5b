from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from postdate.application.ports.schedule_store import ScheduleWriteResult, StoredSchedule
from postdate.domain.messages.retry import Backoff, RetryPolicy
from postdate.domain.schedules.schedule import Missed, Template
from tests.contracts.schedule_world import HOUR, SECOND, ScheduleWorld
from tests.contracts.world import MS

UNUSUAL = Template(
    body='{"é":"\\n"}'.encode(),
    to="console:elsewhere",
    retry=RetryPolicy(
        attempts=17, backoff=Backoff.FIXED, base=timedelta(milliseconds=1), cap=timedelta(days=40), jitter=False
    ),
    labels=("a", "žluť"),
    headers=(("X-A", "b"),),
    expires_after=timedelta(days=2, milliseconds=1),
)


class AddingSchedules:
    async def test_a_schedule_and_its_first_occurrence_are_stored_as_they_were_added(
        self, world: ScheduleWorld
    ) -> None:
        now = world.messages.clock.now()
        update = world.first_update()
        schedule = replace(
            update.schedule,
            template=UNUSUAL,
            missed=Missed.ALL,
            starts_at=now - HOUR,
            ends_at=now + 1000 * HOUR,
            last_at=now - MS,
        )
        result = await world.schedules.add(replace(update, schedule=schedule))
        assert result == ScheduleWriteResult(next_due_moved_up=True)
        (occurrence,) = update.occurrences
        assert await world.stored(schedule) == StoredSchedule(schedule=schedule, waiting=occurrence)
        assert await world.messages.store.get(occurrence.id) == occurrence

    async def test_an_id_that_was_never_added_has_no_schedule(self, world: ScheduleWorld) -> None:
        await world.added()
        assert await world.schedules.get(world.first_update().schedule.id) is None

    async def test_an_id_is_taken_once(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        again = world.first_update()
        again = replace(again, schedule=replace(again.schedule, id=schedule.id))
        assert (await world.schedules.add(again)).stale == {schedule.id}
        assert (await world.stored(schedule)).schedule == schedule
        assert await world.messages.store.get(again.occurrences[0].id) is None

    async def test_a_message_that_already_has_the_id_of_an_occurrence_is_not_changed(
        self, world: ScheduleWorld
    ) -> None:
        message = await world.messages.added(HOUR)
        update = world.first_update()
        taken = replace(update, occurrences=[replace(update.occurrences[0], id=message.id)])
        assert (await world.schedules.add(taken)).stale == {update.schedule.id}
        assert await world.schedules.get(update.schedule.id) is None
        assert await world.messages.store.get(message.id) == message

    async def test_only_an_earlier_occurrence_moves_the_next_due_time_up(self, world: ScheduleWorld) -> None:
        assert (await world.schedules.add(world.first_update(2 * SECOND))).next_due_moved_up
        assert not (await world.schedules.add(world.first_update(2 * SECOND))).next_due_moved_up
        assert (await world.schedules.add(world.first_update(SECOND))).next_due_moved_up

    async def test_an_occurrence_is_delivered_like_any_message(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        occurrence = await world.occurrence_of(schedule)
        world.messages.go_on(SECOND)
        (claimed,) = await world.messages.claim(lease := await world.messages.lease())
        assert claimed == world.messages.held(occurrence)
        assert claimed.schedule_id == schedule.id
        assert await world.stored(schedule) == StoredSchedule(schedule=schedule, waiting=None)
        delivered = claimed.delivered(world.messages.clock.now())
        assert await world.messages.claims.settle(lease, [delivered]) == frozenset()
        assert await world.messages.store.get(occurrence.id) == delivered
        assert await world.stored(schedule) == StoredSchedule(schedule=schedule, waiting=None)

    async def test_the_time_by_which_a_delivery_must_begin_is_stored(self, world: ScheduleWorld) -> None:
        update = world.first_update()
        occurrence = replace(update.occurrences[0], begin_by=world.messages.clock.now() + HOUR)
        await world.schedules.add(replace(update, occurrences=[occurrence]))
        assert await world.messages.store.get(occurrence.id) == occurrence

    async def test_an_occurrence_that_was_cancelled_is_not_waiting(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        await world.messages.cancel((await world.occurrence_of(schedule)).id)
        assert (await world.stored(schedule)).waiting is None
