from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from postdate.application.alarm import Alarm
from tests.unit.application.world import let_others_run, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


@pytest.fixture
def alarm(world: World) -> Alarm:
    return Alarm(world.clock)


async def test_a_sleeper_wakes_at_its_moment_and_not_before(world: World, alarm: Alarm) -> None:
    sleeper = asyncio.create_task(alarm.sleep_until(1.0))
    await world.advance(seconds(0.999))
    assert not sleeper.done()
    await world.advance(seconds(0.001))
    assert sleeper.done()


async def test_a_ring_wakes_the_sleeper(world: World, alarm: Alarm) -> None:
    sleeper = asyncio.create_task(alarm.sleep_until(1.0))
    await let_others_run()
    alarm.ring()
    await let_others_run()
    assert sleeper.done()
    assert world.clock.next_wake is None


async def test_a_ring_beforehand_spares_the_sleep(world: World, alarm: Alarm) -> None:
    alarm.ring()
    await alarm.sleep_until(1.0)
    await alarm.sleep()
    assert world.clock.monotonic() == 0


async def test_a_ring_is_forgotten_by_a_reset(world: World, alarm: Alarm) -> None:
    alarm.ring()
    alarm.reset()
    sleeper = asyncio.create_task(alarm.sleep_until(1.0))
    await let_others_run()
    assert not sleeper.done()
    await world.advance(seconds(1))
    assert sleeper.done()


async def test_waking_is_forgotten_by_a_reset_and_never_comes_late(world: World, alarm: Alarm) -> None:
    for moment in (1.0, 2.0):
        alarm.reset()
        sleeper = asyncio.create_task(alarm.sleep_until(moment))
        await let_others_run()
        assert not sleeper.done()
        await world.advance(seconds(1))
        assert sleeper.done()


async def test_a_moment_that_has_come_is_not_slept_for(world: World, alarm: Alarm) -> None:
    await world.advance(seconds(1))
    await alarm.sleep_until(1.0)
    assert world.clock.next_wake is None


async def test_a_sleep_without_a_moment_ends_by_a_ring_alone(world: World, alarm: Alarm) -> None:
    sleeper = asyncio.create_task(alarm.sleep())
    await world.advance(seconds(3600))
    assert not sleeper.done()
    alarm.ring()
    await let_others_run()
    assert sleeper.done()


async def test_a_sleeper_may_be_cancelled(world: World, alarm: Alarm) -> None:
    sleeper = asyncio.create_task(alarm.sleep_until(1.0))
    await let_others_run()
    sleeper.cancel()
    await let_others_run()
    assert sleeper.cancelled()
    assert world.clock.next_wake is None


async def test_a_sleeper_that_is_just_being_woken_may_be_cancelled(alarm: Alarm) -> None:
    sleeper = asyncio.create_task(alarm.sleep_until(1.0))
    await let_others_run()
    alarm.ring()
    await asyncio.sleep(0)
    sleeper.cancel()
    await let_others_run()
    assert sleeper.cancelled()
