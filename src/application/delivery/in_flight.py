"""The deliveries in flight of one delivery loop, and their limit."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .adoption import OwnDeliveries

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..ports.clock import Clock


class InFlight:
    """Counts messages that are claimed and not settled, and limits their number.

    A message may stay in flight after the lease under which it was claimed has ended.

    Attributes:
        deliveries: The messages in flight, by which a later claim recognises them.
    """

    def __init__(
        self,
        capacity: int,
        clock: Clock,
        on_capacity_freed: Callable[[], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        """Limits the messages in flight to `capacity`.

        Calls `on_capacity_freed` when there is free capacity after there was none, and `on_error` with the error
        of a delivery task, which should not fail.
        """
        self._capacity = capacity
        self._clock = clock
        self._on_capacity_freed = on_capacity_freed
        self._on_error = on_error
        self._count = 0
        self._tasks: dict[asyncio.Task[None], int] = {}
        self.deliveries = OwnDeliveries()

    @property
    def free_capacity(self) -> int:
        """How many more messages may be claimed."""
        return self._capacity - self._count

    @property
    def is_empty(self) -> bool:
        """Whether no delivery task is running."""
        return not self._tasks

    def add(self, count: int, task: asyncio.Task[None]) -> None:
        """Counts the messages of a delivery task until each is settled or the task has ended."""
        self._count += count
        self._tasks[task] = count
        task.add_done_callback(self._remove)

    def mark_settled(self, count: int, task: asyncio.Task[None]) -> None:
        """Frees the capacity of settled messages at once, so that one slow message does not block its batch."""
        was_full = self.free_capacity <= 0
        self._tasks[task] -= count
        self._count -= count
        if was_full:
            self._on_capacity_freed()

    def _remove(self, task: asyncio.Task[None]) -> None:
        self.mark_settled(self._tasks[task], task)
        del self._tasks[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_error(error)

    async def wait_until_settled(self, timeout_seconds: float | None) -> None:
        """Waits until all deliveries that are in flight now have ended, or the timeout is over.

        `None` means no timeout.
        """
        running = set(self._tasks)
        if not running:
            return
        if timeout_seconds is None:
            await asyncio.wait(running)
            return
        timer = asyncio.create_task(self._clock.sleep_until(self._clock.monotonic() + timeout_seconds))
        try:
            while running and not timer.done():
                await asyncio.wait((*running, timer), return_when=asyncio.FIRST_COMPLETED)
                running = {task for task in running if not task.done()}
        finally:
            timer.cancel()

    async def drain(self, timeout_seconds: float | None) -> None:
        """Waits as `wait_until_settled` does, then cancels the deliveries that have not ended.

        The release of their lease gives their claims back.
        """
        await self.wait_until_settled(timeout_seconds)
        late = list(self._tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
