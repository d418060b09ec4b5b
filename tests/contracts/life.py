"""The life of an owner that ends, or stands still, at one of its commands."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

T = TypeVar("T")


class Life:
    """What an owner's commands go through."""

    def __init__(self) -> None:
        self._commands_left: int | None = None
        self._reached = False
        self.died = asyncio.Event()
        self.comes_back = asyncio.Event()

    def dies_at(self, command: int, *, reached: bool) -> None:
        """Has it die at that command, counted from 0: before the store has it, or before its answer is here."""
        self._commands_left, self._reached = command, reached

    async def through(self, _: str, call: Callable[[], Awaitable[T]], /) -> T:
        last = self._commands_left == 0
        if self._commands_left is not None:
            self._commands_left -= 1
        if last and not self._reached:
            await self._die()
        answer = await call()
        if last and self._reached:
            await self._die()
        return answer

    async def _die(self) -> None:
        self.died.set()
        await self.comes_back.wait()


async def until_it_dies(life: Life, work: Coroutine[None, None, object]) -> None:
    working = await until_it_stands_still(life, work)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def until_it_stands_still(life: Life, work: Coroutine[None, None, object]) -> asyncio.Task[object]:
    working, died = asyncio.create_task(work), asyncio.create_task(life.died.wait())
    await asyncio.wait((working, died), return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        died.cancel()
        pytest.fail(f"it came to an end: {working.exception()!r}")
    return working
