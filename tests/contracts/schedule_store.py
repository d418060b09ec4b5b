"""What a schedule store promises."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.system.id_generator import encode_partition
from postdate.application.ports.schedule_store import SchedulePage, ScheduleUpdate, StoredSchedule, WriteResult
from postdate.domain.ids import MessageId, ScheduleId
from postdate.domain.messages.query import Query
from postdate.domain.messages.retry import Backoff, RetryPolicy
from postdate.domain.messages.status import Status
from postdate.domain.retention import Retention
from postdate.domain.schedules.schedule import Missed, Schedule, ScheduleStatus, Template
from tests.contracts.world import FIRST, FIRST_OF_TWO_DIGITS, LAST_OF_ONE_DIGIT, MS, TTL, StoreWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from postdate.application.ports.schedule_store import ScheduleStore
    from postdate.domain.lease import Partition
    from postdate.domain.messages.message import Message

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
TEMPLATE = Template(body=b'"hello"')
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleWorld:
    """A schedule store over the messages of a store."""

    messages: StoreWorld
    schedules: ScheduleStore
    keeping: Callable[[Retention], ScheduleStore]

    def new_id(self, partition: Partition = FIRST) -> str:
        return self.messages.ids.next(self.messages.clock.now())[:-1] + encode_partition(partition)

    def step(
        self, next_in: timedelta = SECOND, *, partition: Partition = FIRST, template: Template = TEMPLATE
    ) -> ScheduleUpdate:
        """Returns the first step of a new schedule."""
        now = self.messages.clock.now()
        schedule = Schedule(
            id=ScheduleId(self.new_id(partition)),
            template=template,
            cron="* * * * * *",
            timezone="Europe/Kyiv",
            created_at=now,
        )
        return self.next_step(schedule, next_in)

    def next_step(self, schedule: Schedule, next_in: timedelta = SECOND, *, more: int = 0) -> ScheduleUpdate:
        """Returns a step of a schedule on to its next occurrence, with more that come before."""
        now = self.messages.clock.now()
        partition = self.messages.ids.partition_of(schedule.id)
        assert partition is not None
        occurrences = [
            schedule.occurrence(MessageId(self.new_id(partition)), now + next_in - n * SECOND, now, None)
            for n in reversed(range(more + 1))
        ]
        return ScheduleUpdate(schedule=schedule.waiting_for(occurrences[-1], now), occurrences=occurrences)

    async def added(self, next_in: timedelta = SECOND, *, partition: Partition = FIRST) -> Schedule:
        step = self.step(next_in, partition=partition)
        assert (await self.schedules.add(step)).stale == frozenset()
        return step.schedule

    async def kept(self, schedule: Schedule) -> StoredSchedule:
        kept = await self.schedules.get(schedule.id)
        assert kept is not None
        return kept

    async def occurrence_of(self, schedule: Schedule) -> Message:
        waiting = (await self.kept(schedule)).waiting
        assert waiting is not None
        return waiting

    async def due(self) -> list[Message]:
        """Returns all messages that are due, in due order."""
        lease = await self.messages.locks.acquire(FIRST, "who looks", TTL)
        claimed = list((await self.messages.claims.claim_due(lease, 500)).messages)
        await self.messages.locks.release(lease)
        return claimed


class ScheduleStoreContract:
    """Wants a fixture `world: ScheduleWorld`."""

    # --- adding and reading ------------------------------------------------------------------------------

    async def test_a_schedule_is_kept_as_it_was_added_and_so_is_its_first_occurrence(
        self, world: ScheduleWorld
    ) -> None:
        now = world.messages.clock.now()
        step = world.step()
        schedule = replace(
            step.schedule,
            template=UNUSUAL,
            missed=Missed.ALL,
            starts_at=now - HOUR,
            ends_at=now + 1000 * HOUR,
            last_at=now - MS,
        )
        written = await world.schedules.add(replace(step, schedule=schedule))
        assert written == WriteResult(next_due_moved_up=True)
        (occurrence,) = step.occurrences
        assert await world.kept(schedule) == StoredSchedule(schedule=schedule, waiting=occurrence)
        assert await world.messages.store.get(occurrence.id) == occurrence

    async def test_an_id_that_nobody_added_names_nothing(self, world: ScheduleWorld) -> None:
        await world.added()
        assert await world.schedules.get(world.step().schedule.id) is None

    async def test_an_id_is_taken_once(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        again = world.step()
        again = replace(again, schedule=replace(again.schedule, id=schedule.id))
        assert (await world.schedules.add(again)).stale == {schedule.id}
        assert (await world.kept(schedule)).schedule == schedule
        assert await world.messages.store.get(again.occurrences[0].id) is None

    async def test_a_message_that_has_the_id_of_an_occurrence_already_is_left_alone(
        self, world: ScheduleWorld
    ) -> None:
        message = await world.messages.added(HOUR)
        step = world.step()
        taken = replace(step, occurrences=[replace(step.occurrences[0], id=message.id)])
        assert (await world.schedules.add(taken)).stale == {step.schedule.id}
        assert await world.schedules.get(step.schedule.id) is None
        assert await world.messages.store.get(message.id) == message

    async def test_only_an_earlier_occurrence_hastens_the_partition(self, world: ScheduleWorld) -> None:
        assert (await world.schedules.add(world.step(2 * SECOND))).next_due_moved_up
        assert not (await world.schedules.add(world.step(2 * SECOND))).next_due_moved_up
        assert (await world.schedules.add(world.step(SECOND))).next_due_moved_up

    async def test_an_occurrence_is_delivered_like_any_message(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        occurrence = await world.occurrence_of(schedule)
        world.messages.go_on(SECOND)
        (claimed,) = await world.messages.claim(lease := await world.messages.lease())
        assert claimed == world.messages.held(occurrence)
        assert claimed.schedule_id == schedule.id
        assert await world.kept(schedule) == StoredSchedule(schedule=schedule, waiting=None)
        delivered = claimed.delivered(world.messages.clock.now())
        assert await world.messages.claims.settle(lease, [delivered]) == frozenset()
        assert await world.messages.store.get(occurrence.id) == delivered
        assert await world.kept(schedule) == StoredSchedule(schedule=schedule, waiting=None)

    async def test_when_it_is_too_late_to_begin_is_kept(self, world: ScheduleWorld) -> None:
        step = world.step()
        occurrence = replace(step.occurrences[0], begin_by=world.messages.clock.now() + HOUR)
        await world.schedules.add(replace(step, occurrences=[occurrence]))
        assert await world.messages.store.get(occurrence.id) == occurrence

    async def test_an_occurrence_that_was_cancelled_does_not_wait(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        await world.messages.cancel((await world.occurrence_of(schedule)).id)
        assert (await world.kept(schedule)).waiting is None

    # --- pages -------------------------------------------------------------------------------------------

    async def test_schedules_are_read_page_by_page_in_the_order_of_their_ids(self, world: ScheduleWorld) -> None:
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

    async def test_a_page_has_those_that_wait_for_nothing_too(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        paused = schedule.paused(None)
        await world.schedules.write(FIRST, [ScheduleUpdate(schedule=paused)])
        assert (await world.schedules.page(FIRST, None, 10)).schedules == [paused]

    async def test_each_partition_has_its_own(self, world: ScheduleWorld) -> None:
        for partition in (FIRST, LAST_OF_ONE_DIGIT, FIRST_OF_TWO_DIGITS):
            schedule = await world.added(partition=partition)
            assert (await world.schedules.page(partition, None, 10)).schedules == [schedule]
            assert (await world.kept(schedule)).schedule == schedule

    # --- planning ----------------------------------------------------------------------------------------

    async def test_a_schedule_is_to_be_planned_once_its_next_occurrence_has_come(
        self, world: ScheduleWorld
    ) -> None:
        later = await world.added(2 * SECOND)
        sooner = await world.added(SECOND)
        at = world.messages.clock.now()
        planned = await world.schedules.planned(FIRST, 10)
        assert (planned.now, planned.due, planned.next_at) == (at, [], at + SECOND)
        world.messages.go_on(SECOND - MS)
        assert (await world.schedules.planned(FIRST, 10)).due == []
        world.messages.go_on(MS)
        planned = await world.schedules.planned(FIRST, 10)
        assert (planned.due, planned.next_at) == ([sooner], at + 2 * SECOND)
        world.messages.go_on(HOUR)
        planned = await world.schedules.planned(FIRST, 10)
        assert (planned.due, planned.next_at) == ([sooner, later], None)
        planned = await world.schedules.planned(FIRST, 1)
        assert (planned.due, planned.next_at) == ([sooner], at + 2 * SECOND)

    async def test_where_there_is_nothing_there_is_nothing_to_plan(self, world: ScheduleWorld) -> None:
        planned = await world.schedules.planned(FIRST, 10)
        assert (planned.due, planned.next_at) == ([], None)

    @pytest.mark.parametrize("state", [ScheduleStatus.PAUSED, ScheduleStatus.ENDED])
    async def test_what_waits_for_nothing_is_not_planned(
        self, world: ScheduleWorld, state: ScheduleStatus
    ) -> None:
        schedule = await world.added()
        ends = state is ScheduleStatus.ENDED
        step = ScheduleUpdate(schedule=schedule.waiting_for(None, None) if ends else schedule.paused(None))
        assert await world.schedules.write(FIRST, [step]) == WriteResult()
        world.messages.go_on(HOUR)
        planned = await world.schedules.planned(FIRST, 10)
        assert (planned.due, planned.next_at) == ([], None)
        assert (await world.kept(schedule)).schedule.status is state

    # --- steps -------------------------------------------------------------------------------------------

    async def test_a_step_writes_the_schedule_and_its_occurrences_at_once(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        world.messages.go_on(SECOND)
        step = world.next_step(schedule, more=3)
        assert await world.schedules.write(FIRST, [step]) == WriteResult(next_due_moved_up=True)
        assert await world.kept(schedule) == StoredSchedule(schedule=step.schedule, waiting=step.occurrences[-1])
        world.messages.go_on(HOUR)
        waiting = {message.id for message in await world.due()}
        assert waiting == {schedule.next_id, *(message.id for message in step.occurrences)}
        assert (await world.schedules.planned(FIRST, 10)).due == [step.schedule]

    async def test_of_two_steps_from_one_revision_one_is_taken(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        first, second = world.next_step(schedule), world.next_step(schedule, 2 * SECOND)
        assert (await world.schedules.change(first)).stale == frozenset()
        assert (await world.schedules.change(second)).stale == {schedule.id}
        assert (await world.schedules.write(FIRST, [second])).stale == {schedule.id}
        assert (await world.schedules.write(FIRST, [first])).stale == {schedule.id}
        assert (await world.kept(schedule)).schedule == first.schedule
        assert await world.messages.store.get(second.occurrences[0].id) is None

    async def test_of_many_instances_that_take_a_step_at_once_one_does(self, world: ScheduleWorld) -> None:
        schedules = [await world.added() for _ in range(5)]
        for _ in range(3):
            steps = [[world.next_step(schedule) for schedule in schedules] for _ in range(10)]
            written = await asyncio.gather(*(world.schedules.write(FIRST, each) for each in steps))
            schedules = [(await world.kept(schedule)).schedule for schedule in schedules]
            for schedule in schedules:
                taken = [schedule.id not in it.stale for it in written]
                assert taken.count(True) == 1
                assert schedule in [it.schedule for it in steps[taken.index(True)]]
        world.messages.go_on(HOUR)
        assert len(await world.due()) == 5 * 4

    async def test_a_stale_step_is_left_out_alone(self, world: ScheduleWorld) -> None:
        one, other = await world.added(), await world.added()
        await world.schedules.write(FIRST, [world.next_step(one)])
        step = world.next_step(other)
        assert (await world.schedules.write(FIRST, [world.next_step(one), step])).stale == {one.id}
        assert (await world.kept(other)).schedule == step.schedule

    async def test_a_step_whose_message_has_a_taken_id_is_stale(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        message = await world.messages.added(HOUR)
        step = world.next_step(schedule, more=1)
        step = replace(step, occurrences=[step.occurrences[0], replace(step.occurrences[1], id=message.id)])
        assert (await world.schedules.write(FIRST, [step])).stale == {schedule.id}
        assert (await world.kept(schedule)).schedule == schedule
        assert await world.messages.store.get(step.occurrences[0].id) is None

    async def test_five_hundred_occurrences_are_written_in_one_step(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        step = world.next_step(schedule, more=499)
        await world.schedules.write(FIRST, [step])
        assert [await world.messages.store.get(it.id) for it in step.occurrences] == list(step.occurrences)

    async def test_no_steps_change_nothing(self, world: ScheduleWorld) -> None:
        assert await world.schedules.write(FIRST, []) == WriteResult()

    # --- withdrawing -------------------------------------------------------------------------------------

    async def test_a_step_withdraws_the_occurrence_that_waits(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        withdrawn = (await world.occurrence_of(schedule)).cancelled(world.messages.clock.now())
        step = replace(world.next_step(schedule, 2 * SECOND), withdrawn=withdrawn)
        assert await world.schedules.write(FIRST, [step]) == WriteResult()
        assert await world.messages.store.get(withdrawn.id) == withdrawn
        assert await world.occurrence_of(schedule) == step.occurrences[0]
        world.messages.go_on(HOUR)
        assert [message.id for message in await world.due()] == [step.occurrences[0].id]

    async def test_against_a_claim_that_came_first_a_withdrawal_loses(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        withdrawn = (await world.occurrence_of(schedule)).cancelled(world.messages.clock.now())
        world.messages.go_on(SECOND)
        await world.messages.claim(await world.messages.lease())
        step = replace(world.next_step(schedule), withdrawn=withdrawn)
        assert (await world.schedules.write(FIRST, [step])).stale == {schedule.id}
        assert (await world.kept(schedule)).schedule == schedule
        assert (await world.messages.now_in_store(withdrawn)).status is Status.DELIVERING
        assert await world.messages.store.get(step.occurrences[0].id) is None

    async def test_what_was_withdrawn_is_forgotten_like_all_that_has_ended(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        withdrawn = (await world.occurrence_of(schedule)).cancelled(world.messages.clock.now())
        step = replace(world.next_step(schedule), withdrawn=withdrawn)
        await world.keeping(Retention(count=0)).write(FIRST, [step])
        assert await world.messages.store.get(withdrawn.id) is None

    # --- labels ------------------------------------------------------------------------------------------

    async def test_occurrences_are_found_by_the_labels_of_their_schedule_in_every_state(
        self, world: ScheduleWorld
    ) -> None:
        step = world.step(template=Template(body=b"1", labels=("a", "b")))
        await world.schedules.add(step)
        withdrawn = step.occurrences[0].cancelled(world.messages.clock.now())
        next_step = replace(world.next_step(step.schedule, 3 * SECOND, more=2), withdrawn=withdrawn)
        await world.schedules.write(FIRST, [next_step])
        for label in ("a", "b"):
            found = await world.messages.store.find(FIRST, Query(label=label), None, 10)
            assert {message.id for message in found.messages} == {
                withdrawn.id,
                *(message.id for message in next_step.occurrences),
            }

    async def test_of_a_stale_step_nothing_is_found_by_its_labels(self, world: ScheduleWorld) -> None:
        step = world.step(template=Template(body=b"1", labels=("a",)))
        await world.schedules.write(FIRST, [world.next_step(step.schedule)])
        assert (await world.messages.store.find(FIRST, Query(label="a"), None, 10)).messages == []

    # --- removing ----------------------------------------------------------------------------------------

    async def test_a_removed_schedule_is_gone_and_so_is_its_next_occurrence(self, world: ScheduleWorld) -> None:
        schedule, bystander = await world.added(), await world.added()
        withdrawn = (await world.occurrence_of(schedule)).cancelled(world.messages.clock.now())
        assert await world.schedules.remove(schedule, withdrawn) == WriteResult()
        assert await world.schedules.get(schedule.id) is None
        assert (await world.schedules.page(FIRST, None, 10)).schedules == [bystander]
        assert await world.messages.store.get(withdrawn.id) == withdrawn
        world.messages.go_on(HOUR)
        assert (await world.schedules.planned(FIRST, 10)).due == [bystander]
        assert [message.schedule_id for message in await world.due()] == [bystander.id]

    async def test_only_the_revision_that_was_read_is_removed(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        step = world.next_step(schedule)
        await world.schedules.write(FIRST, [step])
        assert (await world.schedules.remove(schedule, None)).stale == {schedule.id}
        assert (await world.schedules.remove(step.schedule, None)).stale == frozenset()
        assert (await world.schedules.remove(step.schedule, None)).stale == {schedule.id}

    async def test_a_removal_waits_for_a_claim_to_be_seen(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        withdrawn = (await world.occurrence_of(schedule)).cancelled(world.messages.clock.now())
        world.messages.go_on(SECOND)
        await world.messages.claim(await world.messages.lease())
        assert (await world.schedules.remove(schedule, withdrawn)).stale == {schedule.id}
        assert (await world.kept(schedule)).schedule == schedule

    async def test_after_its_removal_nothing_is_planned_by_who_has_read_it_before(
        self, world: ScheduleWorld
    ) -> None:
        schedule = await world.added()
        await world.schedules.remove(schedule, None)
        assert (await world.schedules.write(FIRST, [world.next_step(schedule)])).stale == {schedule.id}
        assert await world.schedules.get(schedule.id) is None
