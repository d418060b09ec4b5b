"""The deliveries under way in one delivery loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..ports.clock import Clock


class InFlight:
    """Counts what is claimed and not settled; it may outlive the lease under which it began."""

    def __init__(
        self, capacity: int, clock: Clock, on_room: Callable[[], None], on_fault: Callable[[BaseException], None]
    ) -> None:
        """Takes up to `capacity` messages.

        Calls `on_room` when there is room again after there was none, and `on_fault` with what ended a task that
        should not have failed.
        """
        self._capacity = capacity
        self._clock = clock
        self._on_room = on_room
        self._on_fault = on_fault
        self._count = 0
        self._tasks: dict[asyncio.Task[None], int] = {}

    @property
    def room(self) -> int:
        """How many more messages may be claimed."""
        return self._capacity - self._count

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._tasks

    def start(self, count: int, task: asyncio.Task[None]) -> None:
        """Counts the messages of a task until each is settled or the task has ended."""
        self._count += count
        self._tasks[task] = count
        task.add_done_callback(self._end)

    def settled(self, count: int, task: asyncio.Task[None]) -> None:
        """Makes room for as many, since a task has settled them. One slow message does not hold up its batch."""
        was_full = self.room <= 0
        self._tasks[task] -= count
        self._count -= count
        if was_full:
            self._on_room()

    def _end(self, task: asyncio.Task[None]) -> None:
        self.settled(self._tasks[task], task)
        del self._tasks[task]
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._on_fault(fault)

    async def settle(self, within: float | None) -> None:
        """Waits until all that are under way now have ended, but not longer than that many seconds."""
        under_way = set(self._tasks)
        if not under_way:
            return
        if within is None:
            await asyncio.wait(under_way)
            return
        timer = asyncio.create_task(self._clock.sleep_until(self._clock.monotonic() + within))
        try:
            while under_way and not timer.done():
                await asyncio.wait((*under_way, timer), return_when=asyncio.FIRST_COMPLETED)
                under_way = {task for task in under_way if not task.done()}
        finally:
            timer.cancel()

    async def finish(self, within: float | None) -> None:
        """Waits likewise, then cancels those that have not ended; they are given back with their lease."""
        await self.settle(within)
        late = list(self._tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
