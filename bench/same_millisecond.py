"""How late the last of many messages is that are due in one millisecond, beside the bare scripts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from postdate.domain.time.instant import to_ms

from .deliverer import running_deliverer
from .drain import bare_seconds
from .figure import Figure
from .lateness import STARTED_WITHIN
from .world import new_world

if TYPE_CHECKING:
    from collections.abc import Sequence

MESSAGES, TO_REACH_MS = 10_000, 400


async def measure(url: str) -> Sequence[Figure]:
    """Measures from the due time to the last line on standard output, as its reader sees it."""
    async with new_world(url) as world:
        due_ms = to_ms(datetime.now(UTC) + STARTED_WITHIN)
        await world.fill(world.saying_when(due_ms) for _ in range(MESSAGES))
        async with running_deliverer(world) as deliverer:
            late = await deliverer.lateness(MESSAGES)
    return [
        Figure(
            name=f"last of {MESSAGES:,} messages due in the same millisecond (first {late[0]:.1f} ms)",
            value=late[-1],
            unit="ms",
            target=f"≤ {TO_REACH_MS}",
            reached=late[0] >= 0 and late[-1] <= TO_REACH_MS,
            beside="claim and settle scripts called directly for as many",
            limit=await bare_seconds(url, MESSAGES) * 1000,
        )
    ]
