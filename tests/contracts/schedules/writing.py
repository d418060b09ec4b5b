from __future__ import annotations

import asyncio
from dataclasses import replace

from postdate.application.ports.schedule_store import ScheduleWriteResult, StoredSchedule
from postdate.domain.messages.query import Query
from postdate.domain.messages.status import Status
from postdate.domain.retention import Retention
from postdate.domain.schedules.schedule import Template
from tests.contracts.schedule_world import HOUR, SECOND, ScheduleWorld
from tests.contracts.world import FIRST


class WritingSchedules:
    async def test_an_update_writes_the_schedule_and_its_occurrences_together(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        world.messages.go_on(SECOND)
        update = world.next_update(schedule, more=3)
        assert await world.schedules.write(FIRST, [update]) == ScheduleWriteResult(next_due_moved_up=True)
        assert await world.stored(schedule) == StoredSchedule(
            schedule=update.schedule, waiting=update.occurrences[-1]
        )
        world.messages.go_on(HOUR)
        waiting = {message.id for message in await world.due()}
        assert waiting == {schedule.next_id, *(message.id for message in update.occurrences)}
        assert (await world.schedules.find_due(FIRST, 10)).schedules == [update.schedule]

    async def test_of_two_updates_from_one_revision_one_is_written(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        first, second = world.next_update(schedule), world.next_update(schedule, 2 * SECOND)
        assert (await world.schedules.write(FIRST, [first])).stale == frozenset()
        assert (await world.schedules.write(FIRST, [second])).stale == {schedule.id}
        assert (await world.schedules.write(FIRST, [first])).stale == {schedule.id}
        assert (await world.stored(schedule)).schedule == first.schedule
        assert await world.messages.store.get(second.occurrences[0].id) is None

    async def test_of_many_instances_that_write_from_one_revision_one_succeeds(self, world: ScheduleWorld) -> None:
        schedules = [await world.added() for _ in range(5)]
        for _ in range(3):
            updates = [[world.next_update(schedule) for schedule in schedules] for _ in range(10)]
            results = await asyncio.gather(*(world.schedules.write(FIRST, each) for each in updates))
            schedules = [(await world.stored(schedule)).schedule for schedule in schedules]
            for schedule in schedules:
                is_written = [schedule.id not in result.stale for result in results]
                assert is_written.count(True) == 1
                assert schedule in [update.schedule for update in updates[is_written.index(True)]]
        world.messages.go_on(HOUR)
        assert len(await world.due()) == 5 * 4

    async def test_a_stale_update_does_not_affect_the_others(self, world: ScheduleWorld) -> None:
        one, other = await world.added(), await world.added()
        await world.schedules.write(FIRST, [world.next_update(one)])
        update = world.next_update(other)
        assert (await world.schedules.write(FIRST, [world.next_update(one), update])).stale == {one.id}
        assert (await world.stored(other)).schedule == update.schedule

    async def test_an_update_whose_occurrence_has_a_taken_id_is_stale(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        message = await world.messages.added(HOUR)
        update = world.next_update(schedule, more=1)
        first, second = update.occurrences
        update = replace(update, occurrences=[first, replace(second, id=message.id)])
        assert (await world.schedules.write(FIRST, [update])).stale == {schedule.id}
        assert (await world.stored(schedule)).schedule == schedule
        assert await world.messages.store.get(first.id) is None

    async def test_one_update_can_add_five_hundred_occurrences(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        update = world.next_update(schedule, more=499)
        await world.schedules.write(FIRST, [update])
        found = [await world.messages.store.get(message.id) for message in update.occurrences]
        assert found == list(update.occurrences)

    async def test_no_updates_write_nothing(self, world: ScheduleWorld) -> None:
        assert await world.schedules.write(FIRST, []) == ScheduleWriteResult()

    async def test_nothing_is_written_to_a_removed_schedule(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        await world.schedules.remove(schedule.id, lambda _: None)
        assert (await world.schedules.write(FIRST, [world.next_update(schedule)])).stale == {schedule.id}
        assert await world.schedules.get(schedule.id) is None


class CancellingOccurrences:
    async def test_an_update_cancels_the_waiting_occurrence(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        update = world.replacement(await world.stored(schedule), 2 * SECOND)
        assert await world.schedules.write(FIRST, [update]) == ScheduleWriteResult()
        assert update.cancelled is not None
        assert await world.messages.store.get(update.cancelled.id) == update.cancelled
        assert await world.occurrence_of(schedule) == update.occurrences[0]
        world.messages.go_on(HOUR)
        assert [message.id for message in await world.due()] == [update.occurrences[0].id]

    async def test_an_update_is_stale_if_the_occurrence_to_cancel_was_claimed(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        update = world.replacement(await world.stored(schedule))
        assert update.cancelled is not None
        world.messages.go_on(SECOND)
        await world.messages.claim(await world.messages.lease())
        assert (await world.schedules.write(FIRST, [update])).stale == {schedule.id}
        assert (await world.stored(schedule)).schedule == schedule
        assert (await world.messages.now_in_store(update.cancelled)).status is Status.DELIVERING
        assert await world.messages.store.get(update.occurrences[0].id) is None

    async def test_a_cancelled_occurrence_is_forgotten_like_every_message_that_has_ended(
        self, world: ScheduleWorld
    ) -> None:
        schedule = await world.added()
        update = world.replacement(await world.stored(schedule))
        assert update.cancelled is not None
        await world.keeping(Retention(count=0)).write(FIRST, [update])
        assert await world.messages.store.get(update.cancelled.id) is None


class LabellingOccurrences:
    async def test_occurrences_are_found_by_the_labels_of_their_schedule_in_every_status(
        self, world: ScheduleWorld
    ) -> None:
        first = world.first_update(template=Template(body=b"1", labels=("a", "b")))
        await world.schedules.add(first)
        cancelled = first.occurrences[0].cancelled(world.messages.clock.now())
        second = replace(world.next_update(first.schedule, 3 * SECOND, more=2), cancelled=cancelled)
        await world.schedules.write(FIRST, [second])
        for label in ("a", "b"):
            found = await world.messages.store.find(FIRST, Query(label=label), None, 10)
            assert {message.id for message in found.messages} == {
                cancelled.id,
                *(message.id for message in second.occurrences),
            }

    async def test_a_stale_update_adds_no_label(self, world: ScheduleWorld) -> None:
        first = world.first_update(template=Template(body=b"1", labels=("a",)))
        await world.schedules.write(FIRST, [world.next_update(first.schedule)])
        assert (await world.messages.store.find(FIRST, Query(label="a"), None, 10)).messages == []
