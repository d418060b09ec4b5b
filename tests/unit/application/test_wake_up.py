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


async def test_a_sleep_ends_at_its_time_and_not_before(world: World, wake_up: WakeUp) -> None:
    sleeper = asyncio.create_task(wake_up.wait_until(1.0))
    await world.advance(seconds(0.999))
    assert not sleeper.done()
    await world.advance(seconds(0.001))
    assert sleeper.done()


async def test_waking_ends_a_sleep(world: World, wake_up: WakeUp) -> None:
    sleeper = asyncio.create_task(wake_up.wait_until(1.0))
    await let_others_run()
    wake_up.wake()
    await let_others_run()
    assert sleeper.done()
    assert world.clock.next_wake is None


async def test_waking_before_a_sleep_ends_it_at_once(world: World, wake_up: WakeUp) -> None:
    wake_up.wake()
    await wake_up.wait_until(1.0)
    await wake_up.wait()
    assert world.clock.monotonic() == 0


async def test_a_reset_forgets_that_the_sleeper_was_woken(world: World, wake_up: WakeUp) -> None:
    wake_up.wake()
    wake_up.reset()
    sleeper = asyncio.create_task(wake_up.wait_until(1.0))
    await let_others_run()
    assert not sleeper.done()
    await world.advance(seconds(1))
    assert sleeper.done()


async def test_a_reset_forgets_a_timer_that_has_ended(world: World, wake_up: WakeUp) -> None:
    for time in (1.0, 2.0):
        wake_up.reset()
        sleeper = asyncio.create_task(wake_up.wait_until(time))
        await let_others_run()
        assert not sleeper.done()
        await world.advance(seconds(1))
        assert sleeper.done()


async def test_a_time_that_has_passed_is_not_slept_for(world: World, wake_up: WakeUp) -> None:
    await world.advance(seconds(1))
    await wake_up.wait_until(1.0)
    assert world.clock.next_wake is None


async def test_a_sleep_without_a_time_ends_only_by_waking(world: World, wake_up: WakeUp) -> None:
    sleeper = asyncio.create_task(wake_up.wait())
    await world.advance(seconds(3600))
    assert not sleeper.done()
    wake_up.wake()
    await let_others_run()
    assert sleeper.done()


async def test_a_sleep_can_be_cancelled(world: World, wake_up: WakeUp) -> None:
    sleeper = asyncio.create_task(wake_up.wait_until(1.0))
    await let_others_run()
    sleeper.cancel()
    await let_others_run()
    assert sleeper.cancelled()
    assert world.clock.next_wake is None


async def test_a_sleep_that_is_just_ending_can_be_cancelled(wake_up: WakeUp) -> None:
    sleeper = asyncio.create_task(wake_up.wait_until(1.0))
    await let_others_run()
    wake_up.wake()
    await asyncio.sleep(0)
    sleeper.cancel()
    await let_others_run()
    assert sleeper.cancelled()
