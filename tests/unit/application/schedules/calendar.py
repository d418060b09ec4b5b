"""Schedules in a world: their use cases, and instances that plan them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from postdate.adapters.cron.cron_reader import CronsimReader
from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.application.channels import Channels
from postdate.application.schedules.create_schedule import NewSchedule
from postdate.application.schedules.occurrences import Occurrences
from postdate.application.schedules.planning_loop import PlanningLoop
from postdate.application.schedules.timetables import Timetables
from postdate.domain.schedules.schedule import Missed, Schedule, Template
from tests.contracts.interruptible_schedules import InterruptibleScheduleStore
from tests.contracts.schedule_use_cases import ScheduleUseCases, schedule_use_cases
from tests.faults import FaultInjector
from tests.unit.application.world import PARTITION, Desk, FixedJitter, let_others_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from postdate.application.ports.event_recorder import EventRecorder
    from postdate.domain.lease import Partition
    from postdate.domain.messages.message import Message
from tests.unit.application.world import World


class Planner:
    """An instance that plans, with its own connection to the store."""

    def __init__(self, calendar: Calendar, jitter: float, is_needed: Callable[[], bool]) -> None:
        world = calendar.world
        self.line = FaultInjector(world.clock)
        self.events = MemoryEventRecorder()
        self.plan = calendar.use_cases(self.line, self.events).plan
        self.loop = PlanningLoop(PARTITION, is_needed, self.plan, world.clock, FixedJitter(jitter), self.events)
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.task = asyncio.create_task(self.loop.run())
        await let_others_run()

    async def kill(self) -> None:
        """Ends it as SIGKILL does: none of its later commands reaches the store."""
        self.line.cut = True
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait((self.task,))


class Calendar:
    """The schedules of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.events = MemoryEventRecorder()
        self.line = FaultInjector(world.clock)
        self.store_class = InterruptibleScheduleStore
        self.occurrences = Occurrences(Timetables(CronsimReader()), world.ids)
        self.registrations = 0
        self.partitions = [PARTITION]
        self.use = self.use_cases(self.line, self.events)
        self._planners: list[Planner] = []

    def use_cases(self, line: FaultInjector, events: EventRecorder) -> ScheduleUseCases:
        """Returns the use cases of somebody who has a line of his own to the store."""
        return schedule_use_cases(
            store=self.store_class(line, self.world.partitions, self.world.ids, self.world.clock),
            ids=self.world.ids,
            channels=Channels({"desk": Desk("nobody", self.world)}),
            doorbell=self.world.doorbell,
            clock=self.world.clock,
            events=events,
            partitions=self._partitions,
            register_partitions=self._register,
        )

    async def _partitions(self) -> Sequence[Partition]:
        return self.partitions

    async def _register(self) -> None:
        self.registrations += 1

    async def planner(self, jitter: float = 0.5, is_needed: Callable[[], bool] = lambda: True) -> Planner:
        """Starts an instance that plans."""
        planner = Planner(self, jitter, is_needed)
        self._planners.append(planner)
        await planner.start()
        return planner

    async def create(  # noqa: PLR0913  # what a schedule may have
        self,
        cron: str,
        *,
        missed: Missed = Missed.ONCE,
        timezone: str = "UTC",
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        template: Template | None = None,
    ) -> Schedule:
        return await self.use.create(
            NewSchedule(
                cron=cron,
                timezone=timezone,
                template=template or Template(body=b'"hello"', to="desk"),
                missed=missed,
                starts_at=starts_at,
                ends_at=ends_at,
            )
        )

    def of(self, schedule: Schedule) -> list[Message]:
        """Returns all stored messages of a schedule, in the order of their times."""
        messages = self.world.partitions[PARTITION].messages.values()
        return sorted((it for it in messages if it.schedule_id == schedule.id), key=lambda it: it.at)

    def begun(self) -> list[tuple[datetime, datetime]]:
        """Returns the time of the occurrence and the time of its start for each delivery that was started."""
        return [(delivery.message.at, delivery.at) for delivery in self.world.diary.begun]

    async def end(self) -> None:
        for planner in self._planners:
            await planner.kill()
