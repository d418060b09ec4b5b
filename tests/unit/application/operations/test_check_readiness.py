from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from postdate.adapters.memory.partition_registry import MemoryPartitionRegistry
from postdate.application.operations.check_readiness import CheckReadiness
from postdate.application.storage.known_partitions import KnownPartitions
from postdate.domain.ids import MessageId
from postdate.domain.lease import Partition
from tests.faults import FaultInjector
from tests.unit.application.world import PARTITION, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


def readiness_of(world: World, line: FaultInjector) -> CheckReadiness:
    known = KnownPartitions(MemoryPartitionRegistry(), [Partition(7), PARTITION])
    return CheckReadiness(line.wrap(world.claims), known, seconds(10))


async def test_a_service_without_anything_overdue_is_ready(world: World) -> None:
    check = readiness_of(world, FaultInjector(world.clock))
    assert (await check()).ready
    await world.add(seconds(60))
    assert (await check()).ready


async def test_a_service_is_ready_until_a_message_is_later_than_the_objective(world: World) -> None:
    check = readiness_of(world, FaultInjector(world.clock))
    await world.add(seconds(0))
    world.clock.advance(seconds(10))
    assert (await check()).ready
    world.clock.advance(seconds(0.1))
    readiness = await check()
    assert not readiness.ready
    assert readiness.problem == "the oldest due message is 10.1 s late"


async def test_a_service_whose_store_is_away_is_not_ready(world: World) -> None:
    line = FaultInjector(world.clock)
    line.cut = True
    readiness = await readiness_of(world, line)()
    assert not readiness.ready
    assert readiness.problem == "the store is unavailable: the connection is cut"


async def test_the_check_includes_the_partitions_of_other_instances(world: World) -> None:
    registry = MemoryPartitionRegistry()
    check = CheckReadiness(world.claims, KnownPartitions(registry, [Partition(7)]), seconds(10))
    await world.add(seconds(0))
    world.clock.advance(seconds(11))
    assert (await check()).ready
    await registry.register([PARTITION])
    assert (await check()).problem == "the oldest due message is 11.0 s late"


async def test_the_problem_is_that_of_the_latest_partition(world: World) -> None:
    known = KnownPartitions(MemoryPartitionRegistry(), [PARTITION, Partition(7)])
    check = CheckReadiness(world.claims, known, seconds(10))
    await world.add(seconds(5))
    await world.writer.add([replace(world.message(seconds(0)), id=MessageId("0RVtzBk4mQ27"))])
    world.clock.advance(seconds(20))
    assert (await check()).problem == "the oldest due message is 20.0 s late"
