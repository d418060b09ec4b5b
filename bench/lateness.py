"""Measures how late deliveries are.

The limit is bare asyncio timers at the same rate.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from postdate.domain.time.instant import to_ms

from .deliverer import running_deliverer
from .figure import Figure, percentile
from .world import World, new_world

if TYPE_CHECKING:
    from collections.abc import Sequence

START_DELAY = timedelta(seconds=3)
MORE_PENDING = 100_000


async def measure(url: str) -> Sequence[Figure]:
    """Measures the time from the due time until the line is read from standard output."""
    timers = await asyncio.to_thread(asyncio.run, _timers(rate=100, seconds=5))
    figures = []
    for rate, seconds, pending, limit_ms in (
        (100, 5, 0, timers + 3),
        (100, 5, MORE_PENDING, timers + 3),
        (2000, 10, 0, 25.0),
    ):
        async with new_world(url) as world:
            late = await _lateness(world, rate, seconds, pending)
        p99 = percentile(late, 0.99)
        figures.append(
            Figure(
                name=f"lateness p99 at {rate} messages/s, {pending:,} more pending (least {late[0]:.2f} ms)",
                value=p99,
                unit="ms",
                target=f"≤ {limit_ms:.1f}, never early",
                reached=p99 <= limit_ms and late[0] >= 0,
                compared_with="asyncio timers, 100 per second",
                limit=timers,
            )
        )
    return figures


async def _timers(rate: int, seconds: int) -> float:
    """Returns the p99 lateness of timers in an event loop of the standard library, in ms."""
    late: list[float] = []
    first_at = time.time() + 0.1

    async def timer(at: float) -> None:
        await asyncio.sleep(at - time.time())
        late.append((time.time() - at) * 1000)

    await asyncio.gather(*(timer(first_at + number / rate) for number in range(rate * seconds)))
    return percentile(sorted(late), 0.99)


async def _lateness(world: World, rate: int, seconds: int, pending: int) -> Sequence[float]:
    """Returns the lateness of all messages in ms, in ascending order."""
    later = datetime.now(UTC) + timedelta(days=1)
    await world.fill(world.message(b"0", later) for _ in range(pending))
    first_ms = to_ms(datetime.now(UTC) + START_DELAY)
    await world.fill(
        world.message_with_due_time(first_ms + number * 1000 // rate) for number in range(rate * seconds)
    )
    async with running_deliverer(world) as deliverer:
        return await deliverer.lateness(rate * seconds)
