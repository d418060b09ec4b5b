"""How a task that serves another is ended."""

from __future__ import annotations

import asyncio


async def end_task(task: asyncio.Task[None]) -> None:
    """Cancels a task and returns once it has ended; raises what it ended with, if that was not cancellation."""
    task.cancel()
    # Not `await task`, whose cancellation could not be told apart from the caller's own.
    await asyncio.wait((task,))
    if not task.cancelled():
        task.result()
