"""Ending a background task."""

from __future__ import annotations

import asyncio


async def end_task(task: asyncio.Task[None]) -> None:
    """Cancels a task and returns once it has ended. Raises the task's error, if it ended with one."""
    task.cancel()
    # `await task` would raise CancelledError in both cases: the task was cancelled, or the caller was.
    await asyncio.wait((task,))
    if not task.cancelled():
        task.result()
