from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from postdate.adapters.system.clock import SystemClock
from tests.contracts.clock import ClockContract


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


class TestSystemClock(ClockContract):
    pass


def test_the_clock_returns_the_time_of_this_machine(clock: SystemClock) -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= before + timedelta(minutes=1)


def test_the_clock_counts_by_the_monotonic_clock_of_this_machine(clock: SystemClock) -> None:
    assert time.monotonic() <= clock.monotonic() <= time.monotonic()


async def test_a_sleep_continues_if_the_event_loop_ends_it_too_early(
    clock: SystemClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep, sleeps = asyncio.sleep, []

    async def too_short(seconds: float) -> None:
        sleeps.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", too_short)
    instant = clock.monotonic() + 0.05
    await clock.sleep_until(instant)
    assert clock.monotonic() >= instant
    assert len(sleeps) > 1
