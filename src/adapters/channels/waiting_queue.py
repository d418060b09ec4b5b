"""The queue in which the deliveries of one key wait for a slot, and its rule for shedding the excess."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from ...domain.messages.outcome import NotStarted

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

MAX_WAIT_SECONDS = 0.5
"""How long the first delivery of a queue may wait before the queue counts as busy."""
MIN_DEFERRAL_SECONDS = 1.0
"""The least time for which a shed message is deferred."""
MAX_DEFERRAL_SECONDS = 60.0
"""The greatest time for which a shed message is deferred."""
MIN_RETURNS_PER_SECOND = 1_000.0
"""The rate at which deferred messages of one key return, unless the key delivers faster.

Returning one by one keeps a deferred backlog from coming back all at once.
"""


@dataclass(slots=True)
class Waiter:
    """A delivery that waits for a slot.

    Attributes:
        may_start: Whether the delivery may still begin.
        since: When the wait began, in seconds of the monotonic clock.
        answer: `None` once the delivery holds a slot; otherwise why it does not start.
    """

    may_start: Callable[[], bool]
    since: float
    answer: asyncio.Future[NotStarted | None]

    def reject(self, outcome: NotStarted) -> None:
        """Ends the wait without a slot. A wait that has already ended stays as it is."""
        if not self.answer.done():
            self.answer.set_result(outcome)


@dataclass(slots=True)
class WaitingQueue:
    """The deliveries of one key: how many are in flight, and which ones wait for a slot.

    Attributes:
        in_flight: How many deliveries hold a slot.
        finished: How many deliveries released a slot since the last measurement.
        per_second: The throughput: a moving average of the deliveries that finish in a second.
        busy: Whether the queue is too slow, so that new deliveries beyond its capacity are deferred at once.
        last_return: When the message that was deferred last returns, in seconds of the monotonic clock.
        waiters: The waiting deliveries, the oldest first.
    """

    in_flight: int = 0
    finished: int = 0
    per_second: float = 0.0
    busy: bool = False
    last_return: float = 0.0
    waiters: deque[Waiter] = field(default_factory=deque)

    @property
    def excess(self) -> int:
        """How many waiters would not get a slot in time; negative while there is room for more.

        The capacity is what the queue finishes within `MAX_WAIT_SECONDS`, but at least as many as are in flight.
        """
        return len(self.waiters) - max(self.in_flight, int(self.per_second * MAX_WAIT_SECONDS))

    def measure(self, elapsed_seconds: float) -> None:
        """Updates the throughput by the deliveries that finished since the last measurement."""
        self.per_second = (self.per_second + self.finished / elapsed_seconds) / 2
        self.finished = 0

    def pop(self, now: float) -> Waiter:
        """Removes and returns the oldest waiter. A short wait shows that the queue is not busy any more."""
        waiter = self.waiters.popleft()
        if not waiter.answer.done():
            self.busy = self.busy and now - waiter.since >= MAX_WAIT_SECONDS / 2
        return waiter

    def reject_stopped(self) -> None:
        """Rejects the waiters that may not start any more."""
        for waiter in [waiter for waiter in self.waiters if not waiter.may_start()]:
            self.waiters.remove(waiter)
            waiter.reject(NotStarted())

    def shed(self, now: float) -> None:
        """Defers the newest waiters beyond the capacity once the oldest has waited for `MAX_WAIT_SECONDS`."""
        if not self.waiters or now - self.waiters[0].since < MAX_WAIT_SECONDS:
            return
        self.busy = True
        newest = [self.waiters.pop() for _ in range(self.excess)]
        for waiter in reversed(newest):
            waiter.reject(self.defer(now))

    def defer(self, now: float) -> NotStarted:
        """Returns the outcome of a shed message: when it is tried next, each one after the one before."""
        rate = max(self.per_second, MIN_RETURNS_PER_SECOND)
        self.last_return = max(self.last_return + 1 / rate, now + MIN_DEFERRAL_SECONDS)
        return NotStarted(wait=timedelta(seconds=min(self.last_return - now, MAX_DEFERRAL_SECONDS)))
