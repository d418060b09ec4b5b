"""Slots that waiting keys get in turn."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque


class FairSlots:
    """A semaphore that is fair among keys: a key with many waiters does not delay a key with few."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        # The key that is served next is the first.
        self._waiters: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    async def acquire(self, key: str) -> None:
        """Acquires a slot, waiting for one if necessary. The waiters of one key are served in their order."""
        if self._free:
            self._free -= 1
            return
        slot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(key, deque()).append(slot)
        try:
            await slot
        except asyncio.CancelledError:
            if not slot.cancelled():
                self.release()
            raise

    def release(self) -> None:
        """Gives the slot to the first waiter of the next key, or makes it free."""
        while self._waiters:
            key, waiters = self._waiters.popitem(last=False)
            slot = waiters.popleft()
            if waiters:
                self._waiters[key] = waiters
            if not slot.done():
                slot.set_result(None)
                return
        self._free += 1
