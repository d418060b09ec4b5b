"""Measures how late the last of many messages is that are due in the same millisecond.

The limit is the two scripts called directly.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from postdate.domain.time.instant import to_ms

from .deliverer import running_deliverer
from .drain import bare_seconds
from .figure import Figure
from .lateness import START_DELAY
from .world import new_world

if TYPE_CHECKING:
    from collections.abc import Sequence

MESSAGES, TARGET_MS = 10_000, 400


async def measure(url: str) -> Sequence[Figure]:
    """Measures the time from the due time until the last line is read from standard output."""
    async with new_world(url) as world:
        due_ms = to_ms(datetime.now(UTC) + START_DELAY)
        await world.fill(world.message_with_due_time(due_ms) for _ in range(MESSAGES))
        async with running_deliverer(world) as deliverer:
            late = await deliverer.lateness(MESSAGES)
    return [
        Figure(
            name=f"last of {MESSAGES:,} messages due in the same millisecond (first {late[0]:.1f} ms)",
            value=late[-1],
            unit="ms",
            target=f"≤ {TARGET_MS}",
            reached=late[0] >= 0 and late[-1] <= TARGET_MS,
            compared_with="claim and settle scripts called directly for as many",
            limit=await bare_seconds(url, MESSAGES) * 1000,
        )
    ]
