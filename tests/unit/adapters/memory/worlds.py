"""The worlds of the contracts, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postdate.adapters.memory.clock import ManualClock
from postdate.adapters.memory.lease_lock import MemoryLeaseLock
from postdate.adapters.memory.message_store import MemoryMessageStore
from postdate.adapters.memory.schedule_store import MemoryScheduleStore
from postdate.adapters.memory.store_targets import MemoryStoreTargets
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.domain.retention import DEFAULT_RETENTION, Retention
from tests.contracts.interruptible_schedules import InterruptibleScheduleStore
from tests.contracts.schedule_world import ScheduleWorld
from tests.contracts.world import StoreWorld

if TYPE_CHECKING:
    from postdate.adapters.memory.partitions import MemoryPartitions
    from postdate.domain.messages.store_target import StoreTarget


def world_in(partitions: MemoryPartitions) -> StoreWorld:
    clock, ids = ManualClock(), ShortIdGenerator(1)

    store_targets = MemoryStoreTargets()

    def keeping(retention: Retention) -> MemoryMessageStore:
        return MemoryMessageStore(partitions, ids, clock, retention, store_targets)

    async def take_bodies(place: StoreTarget) -> list[bytes]:
        return [message.body for message in store_targets.held_by(place.name)]

    return StoreWorld(
        clock=clock,
        store=keeping(DEFAULT_RETENTION),
        locks=MemoryLeaseLock(partitions, clock),
        keeping=keeping,
        store_targets=store_targets,
        take_bodies=take_bodies,
    )


def schedules_in(partitions: MemoryPartitions, world: StoreWorld) -> ScheduleWorld:
    def keeping(retention: Retention) -> MemoryScheduleStore:
        return MemoryScheduleStore(partitions, world.ids, world.clock, retention)

    return ScheduleWorld(
        messages=world,
        schedules=keeping(DEFAULT_RETENTION),
        keeping=keeping,
        over=lambda connection: InterruptibleScheduleStore(connection, partitions, world.ids, world.clock),
    )
