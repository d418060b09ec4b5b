"""Who may be under way at once, so that no destination holds up the others."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from ...domain.messages.outcome import NotStarted

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from ...application.ports.clock import Clock

PATIENCE = 0.5
"""Seconds that a message may wait for its turn before its destination counts as busy."""
LOOK_AGAIN_AFTER = 0.1
"""Seconds between two looks at those who wait: whether they still may start, and how long they have waited."""
AWAY_FOR = 1.0
"""Seconds that a message is sent away for at least."""
AWAY_FOR_AT_MOST = 60.0
RETURNS_PER_SECOND = 1_000.0
"""How many messages come back to one destination, or as many as it takes: a backlog does not return as a crowd."""

_NOT_STARTED = NotStarted()


@dataclass(slots=True)
class _Waiter:
    may_start: Callable[[], bool]
    since: float
    answer: asyncio.Future[NotStarted | None]


@dataclass(slots=True)
class _Line:
    under_way: int = 0
    left: int = 0
    per_second: float = 0.0
    busy: bool = False
    last_return: float = 0.0
    waiting: deque[_Waiter] = field(default_factory=deque)

    @property
    def surplus(self) -> int:
        """How many wait in vain, as their turn will not come in time. As many as are under way never do."""
        return len(self.waiting) - max(self.under_way, int(self.per_second * PATIENCE))

    def measure(self, elapsed: float) -> None:
        """Takes how many have left since the last time into the mean of how many do in a second."""
        self.per_second = (self.per_second + self.left / elapsed) / 2
        self.left = 0


class FairLimiter:
    """A number of places that lines of deliveries share, a line for each destination.

    A line may take another place as long as it has fewer than are free. So a single one gets half of them, n equal
    ones get 1/(n+1) each, and as much again stays free for whoever comes next, however slow the others are.
    (A. Choudhury and E. Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998.)

    Who finds no place waits in its line. Those whose turn would not come in time are sent away for a while, since
    what waits here is claimed, and claims are not without end either.
    """

    def __init__(self, count: int, clock: Clock) -> None:
        self._count = count
        self._clock = clock
        self._taken = 0
        self._lines: dict[Hashable, _Line] = {}
        self._with_waiters: deque[Hashable] = deque()
        self._watch: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """Returns to how many destinations something is under way, or waits for its turn."""
        return len(self._lines)

    async def enter(self, key: Hashable, may_start: Callable[[], bool]) -> NotStarted | None:
        """Returns `None` with a place, which is to be left again, or why there is none."""
        line = self._lines.setdefault(key, _Line())
        if not line.waiting and self._has_place_for(line):
            return self._admit(key, line, may_start)
        if line.busy and line.surplus >= 0:
            return self._send_away(line)
        return await self._wait(key, line, may_start)

    def leave(self, key: Hashable) -> None:
        """Frees a place and lets the next ones in, line by line."""
        self._taken -= 1
        self._lines[key].under_way -= 1
        self._lines[key].left += 1
        self._let_in()
        self._forget_if_empty(key)

    def _has_place_for(self, line: _Line) -> bool:
        return line.under_way < self._count - self._taken

    def _admit(self, key: Hashable, line: _Line, may_start: Callable[[], bool]) -> NotStarted | None:
        if not may_start():
            self._forget_if_empty(key)
            return _NOT_STARTED
        self._taken += 1
        line.under_way += 1
        return None

    async def _wait(self, key: Hashable, line: _Line, may_start: Callable[[], bool]) -> NotStarted | None:
        answer: asyncio.Future[NotStarted | None] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(may_start, self._clock.monotonic(), answer)
        if not line.waiting:
            line.left = 0
            self._with_waiters.append(key)
        line.waiting.append(waiter)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look_after_waiters())
        try:
            return await answer
        except asyncio.CancelledError:
            self._withdraw(key, line, waiter)
            raise

    def _withdraw(self, key: Hashable, line: _Line, waiter: _Waiter) -> None:
        """Undoes what a waiter has or waits for who was cancelled, maybe in the moment in which it was let in."""
        if waiter in line.waiting:
            line.waiting.remove(waiter)
        elif not waiter.answer.cancelled() and waiter.answer.result() is None:
            self.leave(key)

    def _let_in(self) -> None:
        """Gives free places to those who wait, one of each line in turn."""
        passed = 0
        while passed < len(self._with_waiters):
            key = self._with_waiters.popleft()
            line = self._lines[key]
            if line.waiting and not self._has_place_for(line):
                passed += 1
            elif line.waiting:
                passed = 0
                self._let_in_first(key, line)
            if line.waiting:
                self._with_waiters.append(key)
            else:
                self._forget_if_empty(key)

    def _let_in_first(self, key: Hashable, line: _Line) -> None:
        waiter = line.waiting.popleft()
        if waiter.answer.done():
            return
        line.busy = line.busy and self._clock.monotonic() - waiter.since >= PATIENCE / 2
        waiter.answer.set_result(self._admit(key, line, waiter.may_start))

    async def _look_after_waiters(self) -> None:
        looked_at = self._clock.monotonic()
        while self._with_waiters:
            await self._clock.sleep_until(looked_at + LOOK_AGAIN_AFTER)
            elapsed, looked_at = self._clock.monotonic() - looked_at, self._clock.monotonic()
            for key in self._with_waiters:
                self._lines[key].measure(elapsed)
                self._thin_out(self._lines[key])
            self._let_in()

    def _thin_out(self, line: _Line) -> None:
        """Answers those who may not start any more, and those who are too many for a line that does not move."""
        for waiter in [waiter for waiter in line.waiting if not waiter.may_start()]:
            line.waiting.remove(waiter)
            _answer(waiter, _NOT_STARTED)
        if line.waiting and self._clock.monotonic() - line.waiting[0].since >= PATIENCE:
            line.busy = True
            late = [line.waiting.pop() for _ in range(line.surplus)]
            for waiter in reversed(late):
                _answer(waiter, self._send_away(line))

    def _send_away(self, line: _Line) -> NotStarted:
        now = self._clock.monotonic()
        line.last_return = max(line.last_return + 1 / max(line.per_second, RETURNS_PER_SECOND), now + AWAY_FOR)
        return NotStarted(wait=timedelta(seconds=min(line.last_return - now, AWAY_FOR_AT_MOST)))

    def _forget_if_empty(self, key: Hashable) -> None:
        line = self._lines.get(key)
        if line is not None and not line.under_way and not line.waiting and key not in self._with_waiters:
            del self._lines[key]


def _answer(waiter: _Waiter, answer: NotStarted) -> None:
    if not waiter.answer.done():
        waiter.answer.set_result(answer)
