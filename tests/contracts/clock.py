"""The contract of a clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from postdate.application.ports.clock import Clock

A_LITTLE = timedelta(milliseconds=3)


class ClockContract:
    """Needs a fixture `clock: Clock`. The contract of a clock that stands still advances it in `let_pass`."""

    async def let_pass(self, clock: Clock, time: timedelta) -> None:
        """Returns once the time has passed. Other tasks run meanwhile."""
        await clock.sleep_until(clock.monotonic() + time.total_seconds())

    async def test_now_is_an_aware_instant_in_utc(self, clock: Clock) -> None:
        assert clock.now().tzinfo is UTC

    async def test_now_advances(self, clock: Clock) -> None:
        before = clock.now()
        await self.let_pass(clock, A_LITTLE)
        assert clock.now() > before

    async def test_monotonic_seconds_never_decrease(self, clock: Clock) -> None:
        shown = []
        for _ in range(10):
            shown.append(clock.monotonic())
            await self.let_pass(clock, A_LITTLE / 10)
        assert shown == sorted(shown)
        assert shown[-1] > shown[0]

    @pytest.mark.parametrize("seconds", [0.0, -1.0, -1e9])
    async def test_sleeping_until_a_past_time_returns_at_once(self, clock: Clock, seconds: float) -> None:
        async with asyncio.timeout(5):
            await clock.sleep_until(clock.monotonic() + seconds)

    async def test_a_sleeper_does_not_wake_too_early(self, clock: Clock) -> None:
        wake_at = clock.monotonic() + A_LITTLE.total_seconds()
        sleeping = asyncio.create_task(clock.sleep_until(wake_at))
        await asyncio.sleep(0)
        await self.let_pass(clock, A_LITTLE)
        await sleeping
        assert clock.monotonic() >= wake_at

    async def test_sleepers_wake_in_the_order_of_their_times(self, clock: Clock) -> None:
        woken: list[int] = []

        async def sleep(number: int) -> None:
            await clock.sleep_until(start + number * A_LITTLE.total_seconds())
            woken.append(number)

        start = clock.monotonic()
        async with asyncio.TaskGroup() as sleepers:
            for number in (3, 1, 2):
                sleepers.create_task(sleep(number))
            await asyncio.sleep(0)
            await self.let_pass(clock, 4 * A_LITTLE)
        assert woken == [1, 2, 3]

    async def test_a_sleeper_can_be_cancelled_and_wakes_nobody_else(self, clock: Clock) -> None:
        wake_at = clock.monotonic() + A_LITTLE.total_seconds()
        cancelled, sleeping = [asyncio.create_task(clock.sleep_until(wake_at)) for _ in range(2)]
        await asyncio.sleep(0)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        assert not sleeping.done()
        await self.let_pass(clock, A_LITTLE)
        await sleeping
