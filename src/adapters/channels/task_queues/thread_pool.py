"""The threads in which blocking client libraries run."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MAX_THREADS = 16
BROKER_TIMEOUT_SECONDS = 5
"""How long a client waits for its broker at most, so that no thread keeps the process from ending."""


class ThreadPool:
    """A limited number of threads, which are started when they are needed."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix=f"postdate-{name}")

    async def run(self, function: Callable[[], T]) -> T:
        """Returns what the function returns, or raises what it raises. A cancelled call may still run."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, function)

    def close(self) -> None:
        """Stops the threads once they are idle, and drops the calls that have not begun. It does not wait."""
        self._executor.shutdown(wait=False, cancel_futures=True)
