from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.application.delivery.jittered_wait import JitteredWait
from postdate.application.delivery.store_outage import StoreOutage
from postdate.application.events.events import StoreDisconnected, StoreReconnected
from postdate.application.wake_up import WakeUp
from postdate.domain.errors import StoreUnavailableError
from tests.unit.application.world import PARTITION, ms, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World

AWAY = StoreUnavailableError("connection refused")
RETRY_INTERVAL = ms(200)


class Scene:
    """A store outage, and the objects that it works with."""

    def __init__(self, world: World) -> None:
        self.events = MemoryEventRecorder()
        self.wake_up = WakeUp(world.clock)
        wait = JitteredWait(self.wake_up, world.clock, world.jitter)
        self.outage = StoreOutage(PARTITION, RETRY_INTERVAL, wait, world.clock, self.events)


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


async def test_an_outage_records_its_start_and_its_end_once(world: World, scene: Scene) -> None:
    began_at = world.clock.now()
    for _ in range(3):
        waiting = asyncio.create_task(scene.outage.wait(AWAY))
        await world.advance(RETRY_INTERVAL)
        await waiting
    scene.outage.end()
    scene.outage.end()
    assert scene.events.events == [
        StoreDisconnected(PARTITION, "connection refused"),
        StoreReconnected(PARTITION, began_at),
    ]


async def test_an_answer_without_an_outage_before_it_records_nothing(scene: Scene) -> None:
    scene.outage.end()
    assert scene.events.events == []


@pytest.mark.parametrize(("fraction", "part"), [(0.0, 0.5), (0.5, 1.0), (0.75, 1.25)])
async def test_an_outage_waits_for_about_a_retry_interval(
    world: World, scene: Scene, fraction: float, part: float
) -> None:
    world.jitter.drawn = fraction
    waiting = asyncio.create_task(scene.outage.wait(AWAY))
    await world.advance(RETRY_INTERVAL * part - ms(1))
    assert not waiting.done()
    await world.advance(ms(1))
    assert waiting.done()


async def test_a_wake_up_ends_the_wait_early(world: World, scene: Scene) -> None:
    waiting = asyncio.create_task(scene.outage.wait(AWAY))
    await world.advance(ms(1))
    scene.wake_up.wake()
    await world.advance(seconds(0))
    assert waiting.done()
