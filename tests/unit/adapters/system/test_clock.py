from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from postdate.adapters.system import clock as module
from postdate.adapters.system.clock import MAX_SLEEP_SECONDS, SystemClock
from tests.contracts.clock import ClockContract

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no CLOCK_BOOTTIME")


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


class TestSystemClock(ClockContract):
    pass


def test_the_clock_returns_the_time_of_this_machine(clock: SystemClock) -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= before + timedelta(minutes=1)


def test_its_monotonic_time_advances_as_that_of_this_machine(clock: SystemClock) -> None:
    before, before_here = time.monotonic(), clock.monotonic()
    after_here, after = clock.monotonic(), time.monotonic()
    assert 0 <= after_here - before_here <= after - before


@linux_only
def test_its_monotonic_time_counts_while_the_machine_is_suspended(
    clock: SystemClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = {time.CLOCK_BOOTTIME: time.monotonic() + 3600}
    monkeypatch.setattr(time, "clock_gettime", counted.__getitem__)
    assert clock.monotonic() == counted[time.CLOCK_BOOTTIME]


@linux_only
async def test_a_sleeper_wakes_soon_after_a_suspension_in_which_its_time_has_come(
    clock: SystemClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspended, naps = 0.0, []

    async def sleep(seconds: float) -> None:
        nonlocal suspended
        naps.append(seconds)
        suspended = 3600

    def boot_time(_: int) -> float:
        return 1000 + suspended

    monkeypatch.setattr(time, "clock_gettime", boot_time)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    await clock.sleep_until(1000 + 1800)
    assert naps == [MAX_SLEEP_SECONDS]


def test_it_counts_by_another_clock_where_there_is_no_boot_time(
    clock: SystemClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BOOT_TIME", None)
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
