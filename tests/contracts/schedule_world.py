"""A schedule store and the messages beside it, with time in the test's hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from postdate.adapters.system.id_generator import encode_partition
from postdate.application.ports.schedule_store import ScheduleUpdate
from postdate.domain.ids import MessageId, ScheduleId
from postdate.domain.schedules.schedule import Schedule, Template
from tests.contracts.world import FIRST, TTL, StoreWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from postdate.application.ports.schedule_store import ScheduleStore, StoredSchedule
    from postdate.domain.lease import Partition
    from postdate.domain.messages.message import Message
    from postdate.domain.retention import Retention
    from tests.contracts.interruptible_schedules import Connection

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
TEMPLATE = Template(body=b'"hello"')


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleWorld:
    """One schedule store, empty at first.

    Attributes:
        messages: The messages of the same store.
        schedules: The store under test, with the default retention.
        keeping: Makes another adapter of the same store, with another retention.
        over: Makes another adapter of the same store, each of whose commands goes over a connection.
    """

    messages: StoreWorld
    schedules: ScheduleStore
    keeping: Callable[[Retention], ScheduleStore]
    over: Callable[[Connection], ScheduleStore]

    def new_id(self, partition: Partition = FIRST) -> str:
        return self.messages.ids.next(self.messages.clock.now())[:-1] + encode_partition(partition)

    def first_update(
        self, next_in: timedelta = SECOND, *, partition: Partition = FIRST, template: Template = TEMPLATE
    ) -> ScheduleUpdate:
        """Returns the first update of a new schedule."""
        schedule = Schedule(
            id=ScheduleId(self.new_id(partition)),
            template=template,
            cron="* * * * * *",
            timezone="Europe/Kyiv",
            created_at=self.messages.clock.now(),
        )
        return self.next_update(schedule, next_in)

    def next_update(self, schedule: Schedule, next_in: timedelta = SECOND, *, more: int = 0) -> ScheduleUpdate:
        """Returns the update of a schedule to its next occurrence, with `more` occurrences before that."""
        now = self.messages.clock.now()
        partition = self.messages.ids.partition_of(schedule.id)
        assert partition is not None
        occurrences = [
            schedule.occurrence(MessageId(self.new_id(partition)), now + next_in - n * SECOND, now, None)
            for n in reversed(range(more + 1))
        ]
        return ScheduleUpdate(schedule=schedule.waiting_for(occurrences[-1], now), occurrences=occurrences)

    def replacement(self, stored: StoredSchedule, next_in: timedelta = SECOND) -> ScheduleUpdate:
        """Returns the update that cancels the waiting occurrence of a schedule and adds another one."""
        update = self.next_update(stored.schedule, next_in)
        return ScheduleUpdate(
            schedule=update.schedule, occurrences=update.occurrences, cancelled=self.cancelled(stored)
        )

    def cancelled(self, stored: StoredSchedule) -> Message | None:
        """Returns the waiting occurrence of a schedule in its cancelled state."""
        return stored.cancelled(self.messages.clock.now())

    async def added(self, next_in: timedelta = SECOND, *, partition: Partition = FIRST) -> Schedule:
        update = self.first_update(next_in, partition=partition)
        assert (await self.schedules.add(update)).stale == frozenset()
        return update.schedule

    async def stored(self, schedule: Schedule) -> StoredSchedule:
        stored = await self.schedules.get(schedule.id)
        assert stored is not None
        return stored

    async def occurrence_of(self, schedule: Schedule) -> Message:
        waiting = (await self.stored(schedule)).waiting
        assert waiting is not None
        return waiting

    async def due(self) -> list[Message]:
        """Returns all messages that are due, in due order."""
        lease = await self.messages.locks.acquire(FIRST, "a reader", TTL)
        claimed = list((await self.messages.claims.claim_due(lease, 500)).messages)
        await self.messages.locks.release(lease)
        return claimed

    async def waiting(self) -> list[str]:
        """Returns the ids of all messages that are waiting; hours pass."""
        self.messages.go_on(2 * HOUR)
        return [message.id for message in await self.due()]
