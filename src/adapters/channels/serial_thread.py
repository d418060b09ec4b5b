"""A thread that runs one function after the other."""

from __future__ import annotations

import asyncio
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from .thread_result import complete

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class SerialThread:
    """Runs functions in order, in one daemon thread, which does not keep the process from ending."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread: Thread | None = None

    async def run(self, function: Callable[[], T]) -> T:
        """Returns what the function returns, or raises what it raises. A cancelled call may still run later."""
        if self._thread is None:
            self._thread = Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put(lambda: complete(result, function))
        return await result

    def _work(self) -> None:
        while True:
            self._jobs.get()()
