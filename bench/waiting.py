"""Waiting for a condition that other processes fulfil."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CHECK_INTERVAL_SECONDS = 0.01


async def wait_until(is_fulfilled: Callable[[], Awaitable[bool]], timeout_seconds: float = 60) -> None:
    """Returns once the condition is fulfilled.

    Raises:
        TimeoutError: The condition was not fulfilled in time.
    """
    async with asyncio.timeout(timeout_seconds):
        while not await is_fulfilled():  # noqa: ASYNC110  # other processes set no asyncio event
            await asyncio.sleep(CHECK_INTERVAL_SECONDS)
