from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.webhook.dns import SystemResolver

if TYPE_CHECKING:
    from collections.abc import Sequence

PATIENCE_SECONDS = 10


class Resolver:
    """Blocks for names of one kind, until it is let go on."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.goes_on = threading.Event()

    def __call__(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        if name.startswith("slow"):
            assert self.goes_on.wait(PATIENCE_SECONDS)
        if name == "unknown":
            raise OSError(-2, "Name or service not known")
        return ["93.184.216.34"]


async def test_a_slow_name_holds_up_no_other() -> None:
    resolver = Resolver()
    look_up = SystemResolver(resolver)
    slow = [asyncio.create_task(look_up(f"slow{number}")) for number in range(20)]
    assert await look_up("quick") == ["93.184.216.34"]
    assert not any(task.done() for task in slow)
    resolver.goes_on.set()
    assert await asyncio.gather(*slow) == [["93.184.216.34"]] * 20


async def test_who_asks_for_the_same_name_shares_the_answer_and_may_give_up() -> None:
    resolver = Resolver()
    look_up = SystemResolver(resolver)
    first, *others = (asyncio.create_task(look_up("slow")) for _ in range(5))
    while not resolver.asked:  # noqa: ASYNC110 - a thread sets no event here
        await asyncio.sleep(0)
    first.cancel()
    resolver.goes_on.set()
    assert await asyncio.gather(*others) == [["93.184.216.34"]] * 4
    assert first.cancelled()
    assert resolver.asked == ["slow"]
    await look_up("slow")
    assert resolver.asked == ["slow", "slow"]


async def test_a_name_without_addresses_is_an_error_to_all_who_ask() -> None:
    look_up = SystemResolver(Resolver())
    for ended in await asyncio.gather(look_up("unknown"), look_up("unknown"), return_exceptions=True):
        assert isinstance(ended, OSError)


async def test_the_systems_resolver_knows_this_host() -> None:
    assert set(await SystemResolver()("localhost")) <= {"127.0.0.1", "::1"}


async def test_what_the_system_cannot_look_up_is_an_os_error() -> None:
    with pytest.raises(OSError, match="label"):
        await SystemResolver()("a" * 64)
