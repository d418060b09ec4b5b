from __future__ import annotations

from typing import TYPE_CHECKING

from postdate.application.check_readiness import CheckReadiness
from postdate.domain.lease import Partition
from tests.unit.application.world import PARTITION, Line, StoreOverLine, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


def readiness_of(world: World, line: Line) -> CheckReadiness:
    return CheckReadiness(StoreOverLine(world.memory, line), [Partition(7), PARTITION], seconds(10))


async def test_a_service_without_anything_overdue_is_ready(world: World) -> None:
    check = readiness_of(world, Line(world.clock))
    assert (await check()).ready
    await world.add(seconds(60))
    assert (await check()).ready


async def test_a_service_is_ready_until_a_message_is_later_than_the_objective(world: World) -> None:
    check = readiness_of(world, Line(world.clock))
    await world.add(seconds(0))
    world.clock.advance(seconds(10))
    assert (await check()).ready
    world.clock.advance(seconds(0.1))
    readiness = await check()
    assert not readiness.ready
    assert readiness.fault == "the oldest due message is 10.1 s late"


async def test_a_service_whose_store_is_away_is_not_ready(world: World) -> None:
    line = Line(world.clock)
    line.cut = True
    readiness = await readiness_of(world, line)()
    assert not readiness.ready
    assert readiness.fault == "the store is unavailable: the line is cut"
