from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from postdate.application.delivery.in_flight import InFlight
from tests.unit.application.world import let_others_run, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


class Scene:
    """Deliveries that end when the clock comes to their time."""

    def __init__(self, world: World) -> None:
        self.clock = world.clock
        self.room: list[None] = []
        self.faults: list[BaseException] = []
        self.in_flight = InFlight(10, world.clock, lambda: self.room.append(None), self.faults.append)

    def start(self, count: int, until: float) -> asyncio.Task[None]:
        task = asyncio.create_task(self.clock.sleep_until(until))
        self.in_flight.add(count, task)
        return task


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


async def test_there_is_as_much_room_as_is_not_taken(world: World, scene: Scene) -> None:
    assert (scene.in_flight.free_capacity, scene.in_flight.is_empty) == (10, True)
    scene.start(4, until=1)
    scene.start(5, until=2)
    assert (scene.in_flight.free_capacity, scene.in_flight.is_empty) == (1, False)
    await world.advance(seconds(1))
    assert (scene.in_flight.free_capacity, scene.in_flight.is_empty) == (5, False)
    await world.advance(seconds(1))
    assert (scene.in_flight.free_capacity, scene.in_flight.is_empty) == (10, True)


async def test_room_is_told_of_only_after_there_was_none(world: World, scene: Scene) -> None:
    scene.start(6, until=1)
    await world.advance(seconds(1))
    assert scene.room == []
    scene.start(4, until=2)
    scene.start(6, until=3)
    await world.advance(seconds(1))
    assert len(scene.room) == 1
    await world.advance(seconds(1))
    assert len(scene.room) == 1


async def test_what_a_task_has_settled_makes_room_while_the_rest_goes_on(world: World, scene: Scene) -> None:
    task = scene.start(10, until=1)
    scene.in_flight.mark_settled(9, task)
    assert (scene.in_flight.free_capacity, len(scene.room)) == (9, 1)
    await world.advance(seconds(1))
    assert (scene.in_flight.free_capacity, len(scene.room), scene.in_flight.is_empty) == (10, 1, True)


async def test_a_task_that_fails_is_told_of(scene: Scene) -> None:
    async def fail() -> None:
        raise RuntimeError("unforeseen")

    scene.in_flight.add(1, asyncio.create_task(fail()))
    await let_others_run()
    assert [str(fault) for fault in scene.faults] == ["unforeseen"]
    assert scene.in_flight.is_empty


async def test_a_cancelled_task_is_no_fault(scene: Scene) -> None:
    scene.start(1, until=1).cancel()
    await let_others_run()
    assert scene.faults == []
    assert scene.in_flight.is_empty


async def test_settling_waits_for_what_is_under_way(world: World, scene: Scene) -> None:
    scene.start(1, until=1)
    scene.start(1, until=2)
    settling = asyncio.create_task(scene.in_flight.wait_until_settled(5))
    await world.advance(seconds(1.5))
    scene.start(1, until=60)
    assert not settling.done()
    await world.advance(seconds(0.5))
    assert settling.done()
    assert not scene.in_flight.is_empty


async def test_settling_does_not_wait_longer_than_it_may(world: World, scene: Scene) -> None:
    task = scene.start(1, until=60)
    settling = asyncio.create_task(scene.in_flight.wait_until_settled(5))
    await world.advance(seconds(4.9))
    assert not settling.done()
    await world.advance(seconds(0.1))
    assert settling.done()
    assert not task.done()


async def test_settling_may_be_cancelled_and_leaves_no_timer(world: World, scene: Scene) -> None:
    task = scene.start(1, until=60)
    settling = asyncio.create_task(scene.in_flight.wait_until_settled(5))
    await let_others_run()
    settling.cancel()
    await let_others_run()
    assert settling.cancelled()
    assert not task.done()
    assert world.clock.next_wake == 60


@pytest.mark.parametrize("within", [None, 0, 5])
async def test_nothing_is_waited_for_when_nothing_is_under_way(scene: Scene, within: float | None) -> None:
    await scene.in_flight.wait_until_settled(within)
    await scene.in_flight.drain(within)


async def test_finishing_without_a_limit_waits_for_all(world: World, scene: Scene) -> None:
    task = scene.start(1, until=3600)
    finishing = asyncio.create_task(scene.in_flight.drain(None))
    await world.advance(seconds(3599))
    assert not finishing.done()
    await world.advance(seconds(1))
    assert finishing.done()
    assert not task.cancelled()


async def test_finishing_cancels_what_is_late(world: World, scene: Scene) -> None:
    quick, slow = scene.start(1, until=1), scene.start(1, until=60)
    finishing = asyncio.create_task(scene.in_flight.drain(5))
    await world.advance(seconds(5))
    assert finishing.done()
    assert not quick.cancelled()
    assert slow.cancelled()
    assert scene.in_flight.is_empty
