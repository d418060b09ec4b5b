from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.webhook.dns import SystemResolver

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMEOUT_SECONDS = 10


class BlockingResolver:
    """A resolver that blocks for names that begin with "slow" until the test unblocks it."""

    def __init__(self) -> None:
        self.lookups: list[str] = []
        self.unblocked = threading.Event()

    def __call__(self, name: str) -> Sequence[str]:
        self.lookups.append(name)
        if name.startswith("slow"):
            assert self.unblocked.wait(TIMEOUT_SECONDS)
        if name == "unknown":
            raise OSError(-2, "Name or service not known")
        return ["93.184.216.34"]


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
    while not resolver.lookups:  # noqa: ASYNC110 - a thread cannot set an asyncio event
        await asyncio.sleep(0)
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
