"""Waits for what others do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LOOK_AGAIN_AFTER = 0.01


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Returns once it holds.

    Raises:
        TimeoutError: it did not in that time.
    """
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110  # it is in other processes, whom nobody can ask for an event
            await asyncio.sleep(LOOK_AGAIN_AFTER)
