"""Faults between a caller and its ports: outages, delays, lost answers, errors, and the death of the caller."""

from __future__ import annotations

import asyncio
import inspect
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pytest

from postdate.domain.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from datetime import timedelta

    from postdate.application.ports.clock import Clock

P = TypeVar("P")
T = TypeVar("T")


class FaultInjector:
    """The connection between one caller and its ports. Tests set the faults, by the name of the method.

    Attributes:
        calls: The names of all methods called so far, in order.
        cut: Whether every call fails with `StoreUnavailableError` before it reaches the port.
        trouble: The error that every call raises before it reaches the port.
        faults: The errors that the next calls of a method raise, first to last, before they reach the port.
        meanwhile: What happens just before the next call of a method reaches the port.
        answers: What a method returns; the port is not called.
        delays: How long the answer of a method takes.
        lost_answers: Methods of which one answer is lost: the port has done its work, and the caller gets
            `StoreUnavailableError`.
        died: Set once the caller has died.
        comes_back: Set by a test to let a dead caller continue: it was only paused.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        """The clock is needed for delays only."""
        self._clock = clock
        self.calls: list[str] = []
        self.cut = False
        self.trouble: Exception | None = None
        self.faults: dict[str, list[Exception]] = defaultdict(list)
        self.meanwhile: dict[str, Callable[[], None]] = {}
        self.answers: dict[str, Any] = {}
        self.delays: dict[str, timedelta] = {}
        self.lost_answers: list[str] = []
        self.died = asyncio.Event()
        self.comes_back = asyncio.Event()
        self._calls_until_death: int | None = None
        self._dies_reached = False

    def wrap(self, port: P) -> P:
        """Returns the port as the caller sees it: every asynchronous method goes through the injector."""
        return cast("P", _FaultyPort(port, self))

    def dies_at(self, call: int, *, reached: bool) -> None:
        """Lets the caller die at a call, counted from 0 from now on.

        It dies before the port is called, or, where `reached`, before the caller has the answer.
        """
        self._calls_until_death, self._dies_reached = call, reached

    async def through(self, name: str, call: Callable[[], Awaitable[T]]) -> T:
        """Makes one call of a port's method, with the faults that are set."""
        dies = self._calls_until_death == 0
        if self._calls_until_death is not None:
            self._calls_until_death -= 1
        if dies and not self._dies_reached:
            await self._die()
        answer = await self._with_faults(name, call)
        if dies and self._dies_reached:
            await self._die()
        return answer

    async def _with_faults(self, name: str, call: Callable[[], Awaitable[T]]) -> T:
        self.calls.append(name)
        await asyncio.sleep(0)
        if name in self.meanwhile:
            self.meanwhile.pop(name)()
        self._raise_for(name)
        answer: T = self.answers[name] if name in self.answers else await call()
        if name in self.delays:
            assert self._clock is not None
            await self._clock.sleep_until(self._clock.monotonic() + self.delays[name].total_seconds())
        if name in self.lost_answers:
            self.lost_answers.remove(name)
            raise StoreUnavailableError("the answer was lost")
        return answer

    def _raise_for(self, name: str) -> None:
        if self.cut:
            raise StoreUnavailableError("the connection is cut")
        if self.trouble is not None:
            raise self.trouble
        if self.faults[name]:
            raise self.faults[name].pop(0)

    async def _die(self) -> None:
        self.died.set()
        await self.comes_back.wait()


class _FaultyPort:
    """A port behind an injector."""

    def __init__(self, port: object, injector: FaultInjector) -> None:
        self._port = port
        self._injector = injector

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the port has
        method = getattr(self._port, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # as the method has it
            return await self._injector.through(name, lambda: method(*args, **kwargs))

        return call


async def until_it_dies(injector: FaultInjector, work: Coroutine[None, None, object]) -> None:
    """Runs the work of a caller until the caller dies, and ends it there."""
    working = await until_it_stands_still(injector, work)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def until_it_stands_still(
    injector: FaultInjector, work: Coroutine[None, None, object]
) -> asyncio.Task[object]:
    """Runs the work of a caller until the caller dies, and returns it. The work continues once it comes back."""
    working, died = asyncio.create_task(work), asyncio.create_task(injector.died.wait())
    await asyncio.wait((working, died), return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        died.cancel()
        pytest.fail(f"the work came to an end: {working.exception()!r}")
    return working
