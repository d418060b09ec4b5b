"""The store of the contracts, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postdate.adapters.memory.claim_store import MemoryClaimStore
from postdate.adapters.memory.clock import ManualClock
from postdate.adapters.memory.lease_lock import MemoryLeaseLock
from postdate.adapters.memory.message_store import MemoryMessageStore
from postdate.adapters.memory.message_writer import MemoryMessageWriter
from postdate.adapters.memory.schedule_store import MemoryScheduleStore
from postdate.adapters.memory.store_targets import MemoryStoreTargets
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.domain.retention import DEFAULT_RETENTION, Retention
from tests.contracts.interruptible_schedules import InterruptibleScheduleStore
from tests.contracts.schedule_world import ScheduleWorld
from tests.contracts.world import FIRST, StoreWorld

if TYPE_CHECKING:
    from postdate.adapters.memory.partitions import MemoryPartitions
    from postdate.domain.messages.store_target import StoreTarget


def world_in(partitions: MemoryPartitions) -> StoreWorld:
    clock, ids, store_targets = ManualClock(), ShortIdGenerator(1), MemoryStoreTargets()

    async def take_bodies(target: StoreTarget) -> list[bytes]:
        return [message.body for message in store_targets.published_to(target.name)]

    async def lose_leases() -> None:
        contents = partitions[FIRST]
        contents.leases.clear()
        contents.grants.clear()
        contents.roles.clear()
        contents.last_token = 0

    def with_retention(retention: Retention) -> StoreWorld:
        return StoreWorld(
            clock=clock,
            store=MemoryMessageStore(partitions, ids, clock, retention),
            writer=MemoryMessageWriter(partitions, ids, clock),
            claims=MemoryClaimStore(partitions, clock, retention, store_targets),
            locks=MemoryLeaseLock(partitions, clock),
            store_targets=store_targets,
            take_bodies=take_bodies,
            with_retention=with_retention,
            lose_leases=lose_leases,
        )

    return with_retention(DEFAULT_RETENTION)


def schedules_in(partitions: MemoryPartitions, world: StoreWorld) -> ScheduleWorld:
    def keeping(retention: Retention) -> MemoryScheduleStore:
        return MemoryScheduleStore(partitions, world.ids, world.clock, retention)

    return ScheduleWorld(
        messages=world,
        schedules=keeping(DEFAULT_RETENTION),
        keeping=keeping,
        over=lambda connection: InterruptibleScheduleStore(connection, partitions, world.ids, world.clock),
    )
