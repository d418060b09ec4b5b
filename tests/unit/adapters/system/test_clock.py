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


def test_it_shows_this_machines_time(clock: SystemClock) -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= before + timedelta(minutes=1)


def test_it_counts_by_the_monotonic_clock_of_this_machine(clock: SystemClock) -> None:
    assert time.monotonic() <= clock.monotonic() <= time.monotonic()


async def test_it_sleeps_on_if_the_event_loop_wakes_it_too_early(
    clock: SystemClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep, naps = asyncio.sleep, []

    async def too_short(seconds: float) -> None:
        naps.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", too_short)
    moment = clock.monotonic() + 0.05
    await clock.sleep_until(moment)
    assert clock.monotonic() >= moment
    assert len(naps) > 1
