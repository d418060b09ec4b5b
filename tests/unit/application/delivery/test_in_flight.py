from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from postdate.application.delivery.in_flight import InFlight
from tests.unit.application.world import let_others_run, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


class Scene:
    """Deliveries that end at set times of the clock."""

    def __init__(self, world: World) -> None:
        self.clock = world.clock
        self.capacity_freed: list[None] = []
        self.errors: list[BaseException] = []
        self.in_flight = InFlight(10, world.clock, lambda: self.capacity_freed.append(None), self.errors.append)

    def start(self, count: int, until: float) -> asyncio.Task[None]:
        task = asyncio.create_task(self.clock.sleep_until(until))
        self.in_flight.add(count, task)
        return task


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


async def test_free_capacity_is_the_capacity_less_the_messages_in_flight(world: World, scene: Scene) -> None:
    assert (scene.in_flight.free_capacity, scene.in_flight.is_empty) == (10, True)
    scene.start(4, until=1)
    scene.start(5, until=2)
    assert (scene.in_flight.free_capacity, scene.in_flight.is_empty) == (1, False)
    await world.advance(seconds(1))
    assert (scene.in_flight.free_capacity, scene.in_flight.is_empty) == (5, False)
    await world.advance(seconds(1))
    assert (scene.in_flight.free_capacity, scene.in_flight.is_empty) == (10, True)


async def test_freed_capacity_is_reported_only_if_there_was_none(world: World, scene: Scene) -> None:
    scene.start(6, until=1)
    await world.advance(seconds(1))
    assert scene.capacity_freed == []
    scene.start(4, until=2)
    scene.start(6, until=3)
    await world.advance(seconds(1))
    assert len(scene.capacity_freed) == 1
    await world.advance(seconds(1))
    assert len(scene.capacity_freed) == 1


async def test_settled_messages_free_capacity_while_their_task_is_running(world: World, scene: Scene) -> None:
    task = scene.start(10, until=1)
    scene.in_flight.mark_settled(9, task)
    assert (scene.in_flight.free_capacity, len(scene.capacity_freed)) == (9, 1)
    await world.advance(seconds(1))
    assert (scene.in_flight.free_capacity, len(scene.capacity_freed), scene.in_flight.is_empty) == (10, 1, True)


async def test_the_error_of_a_task_is_reported(scene: Scene) -> None:
    async def fail() -> None:
        raise RuntimeError("unexpected")

    scene.in_flight.add(1, asyncio.create_task(fail()))
    await let_others_run()
    assert [str(error) for error in scene.errors] == ["unexpected"]
    assert scene.in_flight.is_empty


async def test_a_cancelled_task_is_not_reported_as_an_error(scene: Scene) -> None:
    scene.start(1, until=1).cancel()
    await let_others_run()
    assert scene.errors == []
    assert scene.in_flight.is_empty


async def test_waiting_ends_with_the_deliveries_that_were_in_flight_at_its_start(
    world: World, scene: Scene
) -> None:
    scene.start(1, until=1)
    scene.start(1, until=2)
    waiting = asyncio.create_task(scene.in_flight.wait_until_settled(5))
    await world.advance(seconds(1.5))
    scene.start(1, until=60)
    assert not waiting.done()
    await world.advance(seconds(0.5))
    assert waiting.done()
    assert not scene.in_flight.is_empty


async def test_waiting_ends_at_its_timeout(world: World, scene: Scene) -> None:
    task = scene.start(1, until=60)
    waiting = asyncio.create_task(scene.in_flight.wait_until_settled(5))
    await world.advance(seconds(4.9))
    assert not waiting.done()
    await world.advance(seconds(0.1))
    assert waiting.done()
    assert not task.done()


async def test_waiting_can_be_cancelled_and_leaves_no_timer(world: World, scene: Scene) -> None:
    task = scene.start(1, until=60)
    waiting = asyncio.create_task(scene.in_flight.wait_until_settled(5))
    await let_others_run()
    waiting.cancel()
    await let_others_run()
    assert waiting.cancelled()
    assert not task.done()
    assert world.clock.next_wake == 60


@pytest.mark.parametrize("within", [None, 0, 5])
async def test_waiting_ends_at_once_if_nothing_is_in_flight(scene: Scene, within: float | None) -> None:
    await scene.in_flight.wait_until_settled(within)
    await scene.in_flight.drain(within)


async def test_draining_without_a_timeout_waits_for_all_deliveries(world: World, scene: Scene) -> None:
    task = scene.start(1, until=3600)
    draining = asyncio.create_task(scene.in_flight.drain(None))
    await world.advance(seconds(3599))
    assert not draining.done()
    await world.advance(seconds(1))
    assert draining.done()
    assert not task.cancelled()


async def test_draining_cancels_deliveries_that_are_late(world: World, scene: Scene) -> None:
    quick, slow = scene.start(1, until=1), scene.start(1, until=60)
    draining = asyncio.create_task(scene.in_flight.drain(5))
    await world.advance(seconds(5))
    assert draining.done()
    assert not quick.cancelled()
    assert slow.cancelled()
    assert scene.in_flight.is_empty
