from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.webhook import dns
from postdate.adapters.channels.webhook.dns import MAX_CONCURRENT, SystemResolver
from postdate.adapters.memory.clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMEOUT_SECONDS = 10
ADDRESSES = ["93.184.216.34"]


class BlockingResolver:
    """A resolver that blocks for names that begin with "slow" until the test unblocks it."""

    def __init__(self) -> None:
        self.lookups: list[str] = []
        self.unblocked = threading.Event()

    def __call__(self, name: str) -> Sequence[str]:
        self.lookups.append(name)
        if name.startswith("slow"):
            assert self.unblocked.wait(4 * TIMEOUT_SECONDS)
        if name.startswith("unknown"):
            raise OSError(-2, "Name or service not known")
        return ADDRESSES

    async def has_begun(self, lookups: int) -> None:
        while len(self.lookups) < lookups:  # noqa: ASYNC110 - a thread cannot set an asyncio event
            await asyncio.sleep(0)


async def test_a_slow_name_delays_no_other() -> None:
    resolver = BlockingResolver()
    resolve = SystemResolver(resolver)
    slow = [asyncio.create_task(resolve(f"slow{number}")) for number in range(20)]
    assert await resolve("quick") == ["93.184.216.34"]
    assert not any(task.done() for task in slow)
    resolver.unblocked.set()
    assert await asyncio.gather(*slow) == [["93.184.216.34"]] * 20


async def test_callers_that_ask_for_the_same_name_share_one_lookup_even_if_one_is_cancelled() -> None:
    resolver = BlockingResolver()
    resolve = SystemResolver(resolver)
    first, *others = (asyncio.create_task(resolve("slow")) for _ in range(5))
    await resolver.has_begun(1)
    first.cancel()
    resolver.unblocked.set()
    assert await asyncio.gather(*others) == [["93.184.216.34"]] * 4
    assert first.cancelled()
    assert resolver.lookups == ["slow"]
    await resolve("slow")
    assert resolver.lookups == ["slow", "slow"]


async def test_a_name_without_addresses_is_an_error_to_all_callers() -> None:
    resolve = SystemResolver(BlockingResolver())
    for result in await asyncio.gather(resolve("unknown"), resolve("unknown"), return_exceptions=True):
        assert isinstance(result, OSError)


async def test_the_resolver_of_the_system_knows_localhost() -> None:
    assert set(await SystemResolver()("localhost")) <= {"127.0.0.1", "::1"}


async def test_a_name_that_cannot_be_encoded_is_an_os_error() -> None:
    with pytest.raises(OSError, match="label"):
        await SystemResolver()("a" * 64)


async def test_slow_names_delay_a_new_name_only_for_the_time_of_a_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, "SLOT_SECONDS", 0.01)
    monkeypatch.setattr(dns, "LOOKUP_SECONDS", 4 * TIMEOUT_SECONDS)
    resolver = BlockingResolver()
    resolve = SystemResolver(resolver)
    slow = [asyncio.create_task(resolve(f"slow{number}.example")) for number in range(MAX_CONCURRENT)]
    await resolver.has_begun(MAX_CONCURRENT)
    async with asyncio.timeout(TIMEOUT_SECONDS):
        assert await resolve("new.test") == ADDRESSES
    assert not any(task.done() for task in slow)
    resolver.unblocked.set()
    assert await asyncio.gather(*slow) == [ADDRESSES] * MAX_CONCURRENT


async def test_a_name_that_resolved_before_waits_for_no_other_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, "SLOT_SECONDS", 4 * TIMEOUT_SECONDS)
    monkeypatch.setattr(dns, "LOOKUP_SECONDS", 4 * TIMEOUT_SECONDS)
    resolver = BlockingResolver()
    resolve = SystemResolver(resolver)
    await resolve("known.test")
    slow = [asyncio.create_task(resolve(f"slow{number}.example")) for number in range(2 * MAX_CONCURRENT)]
    await resolver.has_begun(1 + MAX_CONCURRENT)
    async with asyncio.timeout(TIMEOUT_SECONDS):
        assert await resolve("known.test") == ADDRESSES
    assert not any(task.done() for task in slow)
    resolver.unblocked.set()
    await asyncio.gather(*slow)


async def test_a_name_that_takes_too_long_is_an_error_and_is_not_looked_up_again_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dns, "SLOT_SECONDS", 0.01)
    monkeypatch.setattr(dns, "LOOKUP_SECONDS", 0.02)
    resolver, clock = BlockingResolver(), ManualClock()
    resolve = SystemResolver(resolver, clock.monotonic)
    for _ in range(3):
        with pytest.raises(OSError, match=r"slow\.example takes too long to resolve"):
            await resolve("slow.example")
    assert resolver.lookups == ["slow.example"]
    resolver.unblocked.set()
    while resolve._slow_lookups:  # noqa: ASYNC110, SLF001 - a thread cannot set an asyncio event
        await asyncio.sleep(0)
    with pytest.raises(OSError, match="too long"):
        await resolve("slow.example")
    clock.advance(timedelta(seconds=dns.SLOW_NAME_SECONDS))
    monkeypatch.setattr(dns, "LOOKUP_SECONDS", TIMEOUT_SECONDS)
    assert await resolve("slow.example") == ADDRESSES


async def test_the_number_of_threads_that_wait_for_slow_names_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = BlockingResolver()
    resolve = SystemResolver(resolver)
    await resolve("known.test")
    monkeypatch.setattr(dns, "SLOT_SECONDS", 0.001)
    monkeypatch.setattr(dns, "LOOKUP_SECONDS", 0.002)
    monkeypatch.setattr(dns, "MAX_SLOW", 10)
    results = await asyncio.gather(*(resolve(f"slow{n}.example") for n in range(200)), return_exceptions=True)
    assert all(isinstance(result, OSError) for result in results)
    assert 10 <= len(resolver.lookups) - 1 <= 10 + MAX_CONCURRENT
    with pytest.raises(OSError, match="too many"):
        await resolve("new.test")
    monkeypatch.setattr(dns, "LOOKUP_SECONDS", TIMEOUT_SECONDS)
    assert await resolve("known.test") == ADDRESSES
    resolver.unblocked.set()


async def test_a_name_that_cannot_be_looked_up_does_not_occupy_a_slot() -> None:
    resolve = SystemResolver(BlockingResolver())
    for number in range(2 * MAX_CONCURRENT):
        with pytest.raises(OSError, match="not known"):
            await resolve(f"unknown{number}")
    assert await resolve("new.test") == ADDRESSES
