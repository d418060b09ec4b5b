from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.application.ports.schedule_store import ScheduleRemoval
from postdate.domain.errors import StoreUnavailableError
from postdate.domain.messages.status import Status
from tests.contracts.interruptible_schedules import BeforeWriting
from tests.contracts.schedule_world import HOUR, SECOND, ScheduleWorld
from tests.contracts.world import FIRST

if TYPE_CHECKING:
    from postdate.application.ports.schedule_store import StoredSchedule
    from postdate.domain.messages.message import Message


class RemovingSchedules:
    async def test_a_removed_schedule_and_its_next_occurrence_are_gone(self, world: ScheduleWorld) -> None:
        schedule, bystander = await world.added(), await world.added()
        cancelled = world.cancelled(await world.stored(schedule))
        assert await world.schedules.remove(schedule.id, world.cancelled) == ScheduleRemoval(cancelled=cancelled)
        assert cancelled is not None
        assert await world.schedules.get(schedule.id) is None
        assert (await world.schedules.page(FIRST, None, 10)).schedules == [bystander]
        assert await world.messages.store.get(cancelled.id) == cancelled
        world.messages.go_on(HOUR)
        assert (await world.schedules.find_due(FIRST, 10)).schedules == [bystander]
        assert [message.schedule_id for message in await world.due()] == [bystander.id]

    async def test_a_schedule_is_removed_once(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        assert await world.schedules.remove(schedule.id, world.cancelled) is not None
        assert await world.schedules.remove(schedule.id, world.cancelled) is None

    async def test_an_id_that_was_never_added_removes_nothing(self, world: ScheduleWorld) -> None:
        schedule, unknown = await world.added(), world.first_update().schedule.id
        assert await world.schedules.remove(unknown, world.cancelled) is None
        assert (await world.schedules.page(FIRST, None, 10)).schedules == [schedule]

    async def test_an_error_of_a_removal_is_raised_and_nothing_is_removed(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        before = await world.stored(schedule)

        def refuse(_: StoredSchedule) -> Message:
            raise LookupError

        with pytest.raises(LookupError):
            await world.schedules.remove(schedule.id, refuse)
        assert await world.stored(schedule) == before

    async def test_a_removal_sees_a_change_made_between_its_reading_and_its_writing(
        self, world: ScheduleWorld
    ) -> None:
        schedule = await world.added()
        other = world.replacement(await world.stored(schedule))
        store = world.over(BeforeWriting(lambda: world.schedules.change(schedule.id, lambda _: other)))
        removal = await store.remove(schedule.id, world.cancelled)
        assert removal is not None
        assert removal.cancelled is not None
        assert removal.cancelled.id == other.schedule.next_id
        assert await world.schedules.get(schedule.id) is None
        assert await world.waiting() == []

    async def test_a_removal_sees_a_claim_made_between_its_reading_and_its_writing(
        self, world: ScheduleWorld
    ) -> None:
        schedule = await world.added()
        occurrence = await world.occurrence_of(schedule)
        world.messages.go_on(SECOND)
        lease = await world.messages.lease()
        store = world.over(BeforeWriting(lambda: world.messages.claim(lease)))
        assert await store.remove(schedule.id, world.cancelled) == ScheduleRemoval(cancelled=None)
        assert await world.schedules.get(schedule.id) is None
        assert (await world.messages.now_in_store(occurrence)).status is Status.DELIVERING

    async def test_a_removal_that_others_overtake_again_and_again_is_given_up(self, world: ScheduleWorld) -> None:
        schedule = await world.added()
        others = BeforeWriting(lambda: world.schedules.change(schedule.id, world.replacement), again=True)
        with pytest.raises(StoreUnavailableError, match="changed 100 times"):
            await world.over(others).remove(schedule.id, world.cancelled)
        assert (await world.stored(schedule)).schedule.revision == schedule.revision + 100
