"""An instance that plans or changes a schedule may die at any command: each occurrence is still added once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.console import ConsoleChannel
from postdate.adapters.memory.doorbell import MemoryDoorbell
from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.adapters.system.delivery_log import StandardOutputLog
from postdate.application.channels import Channels
from postdate.application.schedules.create_schedule import NewSchedule
from postdate.domain.messages.status import Status
from postdate.domain.schedules.schedule import Missed, ScheduleEdit, ScheduleStatus, Template
from tests.contracts.schedule_use_cases import ScheduleUseCases, schedule_use_cases
from tests.contracts.schedule_world import SECOND, ScheduleWorld
from tests.contracts.world import FIRST, TTL
from tests.faults import FaultInjector, until_it_dies, until_it_stands_still

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from postdate.domain.ids import ScheduleId
    from postdate.domain.lease import Partition

REACHED = pytest.mark.parametrize(
    "reached", [False, True], ids=["before the command reaches the store", "before the reply arrives"]
)
EVERY_SECOND = NewSchedule(
    cron="* * * * * *", timezone="Europe/Kyiv", template=Template(body=b"1"), missed=Missed.ALL
)
EDIT = ScheduleEdit(body=b"2")
CHANGES: dict[str, Callable[[ScheduleUseCases, ScheduleId], Coroutine[None, None, object]]] = {
    "edit": lambda use, schedule_id: use.edit(schedule_id, EDIT),
    "pause": lambda use, schedule_id: use.pause(schedule_id),
    "delete": lambda use, schedule_id: use.delete(schedule_id),
}


class ScheduleCrashContract:
    """Wants a fixture `world: ScheduleWorld`."""

    @REACHED
    @pytest.mark.parametrize("command", [0, 1], ids=["reading", "writing"])
    async def test_each_occurrence_is_added_once_whichever_command_of_a_planning_pass_dies(
        self, world: ScheduleWorld, command: int, *, reached: bool
    ) -> None:
        dying, heir = _Instance(world), _Instance(world)
        begun = world.messages.clock.now()
        await heir.use.create(EVERY_SECOND)
        world.messages.go_on(SECOND)
        dying.life.dies_at(command, reached=reached)
        await until_it_dies(dying.life, dying.plan(FIRST))
        await heir.plan(FIRST)
        world.messages.go_on(2 * SECOND)
        await heir.plan(FIRST)
        world.messages.go_on(SECOND)
        assert [message.at - begun for message in await world.due()] == [n * SECOND for n in (1, 2, 3, 4)]

    @REACHED
    @pytest.mark.parametrize("command", [0, 1], ids=["reading", "writing"])
    async def test_an_instance_that_stalls_while_it_plans_changes_nothing_when_it_goes_on(
        self, world: ScheduleWorld, command: int, *, reached: bool
    ) -> None:
        stalled, heir = _Instance(world), _Instance(world)
        schedule = await heir.use.create(EVERY_SECOND)
        world.messages.go_on(SECOND)
        stalled.life.dies_at(command, reached=reached)
        passing = await until_it_stands_still(stalled.life, stalled.plan(FIRST))
        await heir.plan(FIRST)
        world.messages.go_on(SECOND)
        await heir.plan(FIRST)
        after_the_heir = await world.schedules.get(schedule.id)
        stalled.life.comes_back.set()
        await passing
        assert await world.schedules.get(schedule.id) == after_the_heir
        world.messages.go_on(SECOND)
        assert [message.at - schedule.created_at for message in await world.due()] == [
            n * SECOND for n in (1, 2, 3)
        ]

    @pytest.mark.parametrize("plans_first", [True, False])
    async def test_an_occurrence_whose_owner_dies_is_due_again_beside_the_next_ones(
        self, world: ScheduleWorld, *, plans_first: bool
    ) -> None:
        heir = _Instance(world)
        schedule = await heir.use.create(EVERY_SECOND)
        world.messages.go_on(SECOND)
        if plans_first:
            await heir.plan(FIRST)
        claimed = await world.messages.claim(await world.messages.lease("dying"))
        assert [message.id for message in claimed] == [schedule.next_id]
        world.messages.go_on(TTL)
        await heir.plan(FIRST)
        due = await world.due()
        assert [(message.at - schedule.created_at, message.attempts) for message in due] == [
            (SECOND, 1),
            (2 * SECOND, 0),
            (3 * SECOND, 0),
        ]

    @REACHED
    @pytest.mark.parametrize("command", [0, 1], ids=["reading", "writing"])
    @pytest.mark.parametrize("name", CHANGES)
    async def test_a_change_that_dies_can_be_made_again(
        self, world: ScheduleWorld, name: str, command: int, *, reached: bool
    ) -> None:
        dying, heir = _Instance(world), _Instance(world)
        schedule = await heir.use.create(EVERY_SECOND)
        dying.life.dies_at(command, reached=reached)
        await until_it_dies(dying.life, CHANGES[name](dying.use, schedule.id))
        written = command == 1 and reached
        stored = await world.schedules.get(schedule.id)
        assert (stored is None or stored.schedule != schedule) is written
        assert schedule.next_id is not None
        first = await world.messages.store.get(schedule.next_id)
        assert first is not None
        assert first.status is (Status.CANCELLED if written else Status.SCHEDULED)
        if not (name == "delete" and written):
            await CHANGES[name](heir.use, schedule.id)
        world.messages.go_on(SECOND)
        bodies = [message.body for message in await world.due()]
        assert bodies == ([b"2"] if name == "edit" else [])

    @REACHED
    async def test_a_creation_that_dies_leaves_a_schedule_with_its_first_occurrence_or_nothing(
        self, world: ScheduleWorld, *, reached: bool
    ) -> None:
        dying = _Instance(world)
        dying.life.dies_at(0, reached=reached)
        await until_it_dies(dying.life, dying.use.create(EVERY_SECOND))
        created = (await world.schedules.page(FIRST, None, 10)).schedules
        world.messages.go_on(SECOND)
        due = await world.due()
        assert len(created) == (1 if reached else 0)
        assert [message.schedule_id for message in due] == [schedule.id for schedule in created]

    @REACHED
    async def test_a_resumption_that_dies_can_be_made_again(self, world: ScheduleWorld, *, reached: bool) -> None:
        dying, heir = _Instance(world), _Instance(world)
        schedule = await heir.use.create(EVERY_SECOND)
        await heir.use.pause(schedule.id)
        dying.life.dies_at(1, reached=reached)
        await until_it_dies(dying.life, dying.use.resume(schedule.id))
        resumed = await heir.use.resume(schedule.id)
        assert resumed.status is ScheduleStatus.ACTIVE
        world.messages.go_on(SECOND)
        assert [message.id for message in await world.due()] == [resumed.next_id]


class _Instance:
    """An instance that plans schedules and changes them until it dies."""

    def __init__(self, world: ScheduleWorld) -> None:
        self.life = FaultInjector()
        self.use = schedule_use_cases(
            store=world.over(self.life),
            ids=world.messages.ids,
            channels=Channels({"console": ConsoleChannel(StandardOutputLog())}),
            doorbell=MemoryDoorbell(),
            clock=world.messages.clock,
            events=MemoryEventRecorder(),
            partitions=_partitions,
            register_partitions=_nothing,
        )
        self.plan = self.use.plan


async def _partitions() -> Sequence[Partition]:
    return [FIRST]


async def _nothing() -> None:
    """The partition needs no registration."""
