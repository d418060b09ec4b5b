"""Where blocking clients run."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

THREADS = 16
BLOCKED_AT_MOST_SECONDS = 5
"""What a client is told to wait for its broker at most, so that none of them keeps a process from ending."""


class Threads:
    """A bounded number of threads, begun as they are needed."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix=f"postdate-{name}")

    async def run(self, function: Callable[[], T]) -> T:
        """Returns what the function returns or raises. If the caller is cancelled, the function may still run."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, function)

    def close(self) -> None:
        """Ends the threads once they have nothing to do; waits for none."""
        self._pool.shutdown(wait=False, cancel_futures=True)
