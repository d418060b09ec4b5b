from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from postdate.application.wake_up import WakeUp
from tests.unit.application.world import let_others_run, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


@pytest.fixture
def wake_up(world: World) -> WakeUp:
    return WakeUp(world.clock)


async def test_a_sleeper_wakes_at_its_moment_and_not_before(world: World, wake_up: WakeUp) -> None:
    sleeper = asyncio.create_task(wake_up.wait_until(1.0))
    await world.advance(seconds(0.999))
    assert not sleeper.done()
    await world.advance(seconds(0.001))
    assert sleeper.done()


async def test_a_ring_wakes_the_sleeper(world: World, wake_up: WakeUp) -> None:
    sleeper = asyncio.create_task(wake_up.wait_until(1.0))
    await let_others_run()
    wake_up.wake()
    await let_others_run()
    assert sleeper.done()
    assert world.clock.next_wake is None


async def test_a_ring_beforehand_spares_the_sleep(world: World, wake_up: WakeUp) -> None:
    wake_up.wake()
    await wake_up.wait_until(1.0)
    await wake_up.wait()
    assert world.clock.monotonic() == 0


async def test_a_ring_is_forgotten_by_a_reset(world: World, wake_up: WakeUp) -> None:
    wake_up.wake()
    wake_up.reset()
    sleeper = asyncio.create_task(wake_up.wait_until(1.0))
    await let_others_run()
    assert not sleeper.done()
    await world.advance(seconds(1))
    assert sleeper.done()


async def test_waking_is_forgotten_by_a_reset_and_never_comes_late(world: World, wake_up: WakeUp) -> None:
    for moment in (1.0, 2.0):
        wake_up.reset()
        sleeper = asyncio.create_task(wake_up.wait_until(moment))
        await let_others_run()
        assert not sleeper.done()
        await world.advance(seconds(1))
        assert sleeper.done()


async def test_a_moment_that_has_come_is_not_slept_for(world: World, wake_up: WakeUp) -> None:
    await world.advance(seconds(1))
    await wake_up.wait_until(1.0)
    assert world.clock.next_wake is None


async def test_a_sleep_without_a_moment_ends_by_a_ring_alone(world: World, wake_up: WakeUp) -> None:
    sleeper = asyncio.create_task(wake_up.wait())
    await world.advance(seconds(3600))
    assert not sleeper.done()
    wake_up.wake()
    await let_others_run()
    assert sleeper.done()


async def test_a_sleeper_may_be_cancelled(world: World, wake_up: WakeUp) -> None:
    sleeper = asyncio.create_task(wake_up.wait_until(1.0))
    await let_others_run()
    sleeper.cancel()
    await let_others_run()
    assert sleeper.cancelled()
    assert world.clock.next_wake is None


async def test_a_sleeper_that_is_just_being_woken_may_be_cancelled(wake_up: WakeUp) -> None:
    sleeper = asyncio.create_task(wake_up.wait_until(1.0))
    await let_others_run()
    wake_up.wake()
    await asyncio.sleep(0)
    sleeper.cancel()
    await let_others_run()
    assert sleeper.cancelled()
