from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from postdate.application.ports.schedule_store import ScheduleChangeResult, ScheduleUpdate, StoredSchedule
from postdate.domain.errors import StoreUnavailableError
from postdate.domain.messages.status import Status
from tests.contracts.interruptible_schedules import BeforeWriting
from tests.contracts.schedule_world import HOUR, SECOND, ScheduleWorld

AT_ONCE = 30


class ChangingSchedules:
    async def test_the_update_of_a_change_is_written_and_returned(self, world: ScheduleWorld) -> None:
        schedule = await world.added(2 * SECOND)
        update = world.replacement(await world.stored(schedule))
        result = await world.schedules.change(schedule.id, lambda _: update)
        assert result == ScheduleChangeResult(schedule=update.schedule, written=update, next_due_moved_up=True)
        assert await world.stored(schedule) == StoredSchedule(
            schedule=update.schedule, waiting=update.occurrences[0]
        )
        assert update.cancelled is not None
        assert await world.messages.store.get(update.cancelled.id) == update.cancelled

    async def test_a_change_that_makes_nothing_due_earlier_says_so(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        result = await world.schedules.change(schedule.id, lambda stored: world.replacement(stored, HOUR))
        assert result is not None
        assert not result.next_due_moved_up

    async def test_an_id_that_was_never_added_changes_nothing(self, world: ScheduleWorld) -> None:
        unknown = world.first_update().schedule.id
        assert await world.schedules.change(unknown, world.replacement) is None

    async def test_a_change_without_an_update_writes_nothing(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        before = await world.stored(schedule)
        result = await world.schedules.change(schedule.id, lambda _: None)
        assert result == ScheduleChangeResult(schedule=schedule)
        assert await world.stored(schedule) == before

    async def test_an_error_of_a_change_is_raised_and_nothing_is_written(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        before = await world.stored(schedule)

        def refuse(_: StoredSchedule) -> ScheduleUpdate:
            raise LookupError

        with pytest.raises(LookupError):
            await world.schedules.change(schedule.id, refuse)
        assert await world.stored(schedule) == before

    async def test_a_change_sees_a_change_made_between_its_reading_and_its_writing(
        self, world: ScheduleWorld
    ) -> None:
        schedule = await world.added()
        other = world.replacement(await world.stored(schedule))
        seen: list[StoredSchedule] = []

        def replace_next(stored: StoredSchedule) -> ScheduleUpdate:
            seen.append(stored)
            return world.replacement(stored, 2 * SECOND)

        store = world.over(BeforeWriting(lambda: world.schedules.change(schedule.id, lambda _: other)))
        result = await store.change(schedule.id, replace_next)
        assert [stored.schedule for stored in seen] == [schedule, other.schedule]
        assert result is not None
        assert result.schedule.revision == schedule.revision + 2
        assert (await world.stored(schedule)).schedule == result.schedule
        assert await world.waiting() == [result.schedule.next_id]

    async def test_a_change_sees_a_claim_made_between_its_reading_and_its_writing(
        self, world: ScheduleWorld
    ) -> None:
        schedule = await world.added()
        world.messages.go_on(SECOND)
        lease = await world.messages.lease()
        store = world.over(BeforeWriting(lambda: world.messages.claim(lease)))
        result = await store.change(schedule.id, world.replacement)
        assert result is not None
        assert result.written is not None
        assert result.written.cancelled is None
        assert schedule.next_id is not None
        claimed = await world.messages.store.get(schedule.next_id)
        assert claimed is not None
        assert claimed.status is Status.DELIVERING

    async def test_a_change_is_made_again_if_the_id_of_its_occurrence_is_taken(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        message = await world.messages.added(HOUR)
        good = world.replacement(await world.stored(schedule))
        bad = replace(good, occurrences=[replace(good.occurrences[0], id=message.id)])
        updates = [bad, good]
        result = await world.schedules.change(schedule.id, lambda _: updates.pop(0))
        assert result is not None
        assert result.written == good
        assert await world.messages.store.get(message.id) == message

    async def test_changes_made_at_once_are_all_made(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        results = await asyncio.gather(
            *(world.schedules.change(schedule.id, world.replacement) for _ in range(AT_ONCE))
        )
        revisions = sorted(result.schedule.revision for result in results if result is not None)
        assert revisions == [schedule.revision + n for n in range(1, AT_ONCE + 1)]
        assert await world.waiting() == [(await world.stored(schedule)).schedule.next_id]

    async def test_a_change_that_others_overtake_again_and_again_is_given_up(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        others = BeforeWriting(lambda: world.schedules.change(schedule.id, world.replacement), again=True)
        with pytest.raises(StoreUnavailableError, match="changed 100 times"):
            await world.over(others).change(schedule.id, world.replacement)
        assert (await world.stored(schedule)).schedule.revision == schedule.revision + 100
