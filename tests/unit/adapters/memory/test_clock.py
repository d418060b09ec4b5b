from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.clock import ManualClock
from tests.contracts.clock import ClockContract

if TYPE_CHECKING:
    from postdate.application.ports.clock import Clock

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


class TestManualClock(ClockContract):
    async def let_pass(self, clock: Clock, time: timedelta) -> None:
        assert isinstance(clock, ManualClock)
        clock.advance(time)
        await asyncio.sleep(0)


def test_the_clock_stands_still_until_it_is_advanced(clock: ManualClock) -> None:
    assert (clock.now(), clock.monotonic()) == (datetime(2026, 1, 1, tzinfo=UTC), 0.0)
    clock.advance(SECOND)
    assert (clock.now(), clock.monotonic()) == (datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC), 1.0)


def test_the_clock_starts_at_the_given_time() -> None:
    assert ManualClock(datetime(2030, 5, 6, tzinfo=UTC)).now() == datetime(2030, 5, 6, tzinfo=UTC)


async def test_a_sleeper_wakes_only_once_the_clock_is_advanced_far_enough(clock: ManualClock) -> None:
    sleeping = asyncio.create_task(clock.sleep_until(2.0))
    await asyncio.sleep(0)
    clock.advance(SECOND)
    await asyncio.sleep(0)
    assert not sleeping.done()
    clock.advance(SECOND)
    await sleeping


async def test_the_earliest_wake_up_time_is_shown(clock: ManualClock) -> None:
    shown = [clock.next_wake]
    first, second = [asyncio.create_task(clock.sleep_until(wake_at)) for wake_at in (1.0, 2.0)]
    await asyncio.sleep(0)
    shown.append(clock.next_wake)
    first.cancel()
    await asyncio.wait((first,))
    shown.append(clock.next_wake)
    clock.advance(2 * SECOND)
    await second
    shown.append(clock.next_wake)
    assert shown == [None, 1.0, 2.0, None]


async def test_a_sum_of_floats_that_falls_short_wakes_its_sleeper(clock: ManualClock) -> None:
    tenth = timedelta(milliseconds=100)
    sleeping = asyncio.create_task(clock.sleep_until(0.3))
    await asyncio.sleep(0)
    clock.advance(tenth)
    clock.advance(2 * tenth - timedelta(microseconds=1))
    await asyncio.sleep(0)
    assert not sleeping.done()
    clock.advance(timedelta(microseconds=1))
    await sleeping
    assert clock.monotonic() >= 0.3


async def test_the_wall_clock_may_be_shifted_without_waking_anybody(clock: ManualClock) -> None:
    sleeping = asyncio.create_task(clock.sleep_until(1.0))
    await asyncio.sleep(0)
    clock.shift_wall(-timedelta(hours=1))
    clock.shift_wall(timedelta(days=1))
    await asyncio.sleep(0)
    assert not sleeping.done()
    assert (clock.now(), clock.monotonic()) == (datetime(2026, 1, 1, 23, tzinfo=UTC), 0.0)
    clock.advance(SECOND)
    await sleeping
