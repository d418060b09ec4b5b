"""A fair limit of concurrent deliveries: no destination keeps all slots from the others."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from ...domain.messages.outcome import NotStarted
from .waiting_queue import Waiter, WaitingQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from ...application.ports.clock import Clock

CHECK_INTERVAL_SECONDS = 0.1
"""The time between two checks of the waiters: whether they may still start, and how long they have waited."""

_NOT_STARTED = NotStarted()


class FairLimiter:
    """A number of slots that deliveries share, with a waiting queue for each key (such as a host).

    A key may take another slot while it holds fewer slots than are free. So a single key gets half of all slots,
    n equal keys get 1/(n+1) each, and an equal share stays free for the next key, however slow the others are.
    (A. Choudhury and E. Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998.)

    A delivery that gets no slot waits in the queue of its key. A delivery that would not get a slot in time is
    deferred, since a waiting message stays claimed, and the number of claims is limited too.
    """

    def __init__(self, slots: int, clock: Clock) -> None:
        self._slots = slots
        self._clock = clock
        self._used = 0
        self._queues: dict[Hashable, WaitingQueue] = {}
        # The keys with waiters, in the order in which they are served next.
        self._waiting_keys: deque[Hashable] = deque()
        self._checks: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """Returns the number of keys that have deliveries in flight or waiting."""
        return len(self._queues)

    async def acquire(self, key: Hashable, may_start: Callable[[], bool]) -> NotStarted | None:
        """Acquires a slot, waiting for one if necessary.

        Returns:
            `None` with a slot, which the caller must release; otherwise the outcome of a delivery without a slot.
        """
        queue = self._queues.setdefault(key, WaitingQueue())
        if not queue.waiters and self._has_slot_for(queue):
            return self._admit(key, queue, may_start)
        if queue.busy and queue.excess >= 0:
            return queue.defer(self._clock.monotonic())
        return await self._wait(key, queue, may_start)

    def release(self, key: Hashable) -> None:
        """Releases a slot and admits the next waiters, one of each key in turn."""
        queue = self._queues[key]
        self._used -= 1
        queue.in_flight -= 1
        queue.finished += 1
        self._admit_waiters()
        self._forget_if_idle(key)

    def _has_slot_for(self, queue: WaitingQueue) -> bool:
        return queue.in_flight < self._slots - self._used

    def _admit(self, key: Hashable, queue: WaitingQueue, may_start: Callable[[], bool]) -> NotStarted | None:
        if not may_start():
            self._forget_if_idle(key)
            return _NOT_STARTED
        self._used += 1
        queue.in_flight += 1
        return None

    async def _wait(self, key: Hashable, queue: WaitingQueue, may_start: Callable[[], bool]) -> NotStarted | None:
        answer: asyncio.Future[NotStarted | None] = asyncio.get_running_loop().create_future()
        waiter = Waiter(may_start, self._clock.monotonic(), answer)
        if not queue.waiters:
            queue.finished = 0
            self._waiting_keys.append(key)
        queue.waiters.append(waiter)
        if self._checks is None or self._checks.done():
            self._checks = asyncio.create_task(self._check_waiters())
        try:
            return await answer
        except asyncio.CancelledError:
            self._abandon(key, queue, waiter)
            raise

    def _abandon(self, key: Hashable, queue: WaitingQueue, waiter: Waiter) -> None:
        """Removes a cancelled waiter, or releases its slot if it was admitted just before."""
        if waiter in queue.waiters:
            queue.waiters.remove(waiter)
        elif not waiter.answer.cancelled() and waiter.answer.result() is None:
            self.release(key)

    def _admit_waiters(self) -> None:
        """Gives free slots to waiters, one of each key in turn, until no key may take another slot."""
        blocked = 0
        while blocked < len(self._waiting_keys):
            key = self._waiting_keys.popleft()
            queue = self._queues[key]
            if queue.waiters and not self._has_slot_for(queue):
                blocked += 1
            elif queue.waiters:
                blocked = 0
                self._admit_first(key, queue)
            if queue.waiters:
                self._waiting_keys.append(key)
            else:
                self._forget_if_idle(key)

    def _admit_first(self, key: Hashable, queue: WaitingQueue) -> None:
        waiter = queue.pop(self._clock.monotonic())
        if not waiter.answer.done():
            waiter.answer.set_result(self._admit(key, queue, waiter.may_start))

    async def _check_waiters(self) -> None:
        checked_at = self._clock.monotonic()
        while self._waiting_keys:
            await self._clock.sleep_until(checked_at + CHECK_INTERVAL_SECONDS)
            now = self._clock.monotonic()
            for key in self._waiting_keys:
                queue = self._queues[key]
                queue.measure(now - checked_at)
                queue.reject_stopped()
                queue.shed(now)
            checked_at = now
            self._admit_waiters()

    def _forget_if_idle(self, key: Hashable) -> None:
        queue = self._queues.get(key)
        if queue is not None and not queue.in_flight and not queue.waiters and key not in self._waiting_keys:
            del self._queues[key]
