"""Measures how often idle instances call the store, and the calls for one due message among many instances."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from postdate.domain.time.instant import to_ms

from .figure import Figure
from .instances import running_instances
from .world import new_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .instances import LatenessLog
    from .world import World

INSTANCES = (1, 10, 50)
SECONDS, SETTLE_SECONDS = 10, 2.5
DUE, INTERVAL_MS = 25, 400
"""How many messages come due one by one, and how far apart. So their cost stands out from idle checks."""
MAX_SCRIPTS_PER_INSTANCE, MAX_SCRIPTS_FOR_ROLES = 1.5, 6
"""The targets: a little more than one check per second and instance, and the calls of the roles."""
MAX_SCRIPTS_PER_MESSAGE = 5


async def measure(url: str) -> Sequence[Figure]:
    """Counts the calls of 1, 10 and 50 idle loops at the server, then the additional calls for due messages."""
    figures: list[Figure] = []
    for count in INSTANCES:
        async with new_world(url) as world, running_instances(world, count) as log:
            await asyncio.sleep(SETTLE_SECONDS)
            idle = await _scripts_per_second(world, SECONDS)
            figures.append(_idle_figure(count, idle, await _connections(world)))
            if count == max(INSTANCES):
                figures.append(_message_figure(count, await _scripts_per_message(world, log, idle)))
    return figures


async def _scripts_per_message(world: World, log: LatenessLog, idle: float) -> float:
    """Returns how many scripts are called for each due message, beyond those of idle instances."""
    # The doorbell is not rung: the leader wakes once per poll interval, which is before these messages are due.
    first_ms = to_ms(datetime.now(UTC)) + int(SETTLE_SECONDS * 1000)
    await world.fill(world.message_with_due_time(first_ms + number * INTERVAL_MS) for number in range(DUE))
    await asyncio.sleep(SETTLE_SECONDS - 0.2)
    seconds = DUE * INTERVAL_MS / 1000
    busy = await _scripts_per_second(world, seconds)
    if len(log.late_ms) != DUE:
        message = f"{len(log.late_ms)} of {DUE} messages were delivered"
        raise RuntimeError(message)
    return (busy - idle) * seconds / DUE


async def _scripts_per_second(world: World, seconds: float) -> float:
    """Returns how many scripts clients call per second: all calls of idle loops except those that set clocks."""
    before = await _scripts_called(world)
    await asyncio.sleep(seconds)
    return (await _scripts_called(world) - before) / seconds


async def _scripts_called(world: World) -> int:
    statistics = await world.redis.info("commandstats")
    return sum(entry["calls"] for name, entry in statistics.items() if name.startswith("cmdstat_eval"))


async def _connections(world: World) -> int:
    return int((await world.redis.info("clients"))["connected_clients"]) - 1


def _idle_figure(count: int, rate: float, connections: int) -> Figure:
    limit = MAX_SCRIPTS_PER_INSTANCE * count + MAX_SCRIPTS_FOR_ROLES
    return Figure(
        name=f"scripts called by {count} idle instances ({connections} connections)",
        value=rate,
        unit="/s",
        target=f"≤ {limit:g}",
        reached=rate <= limit,
        compared_with="one check per second by each instance",
        limit=float(count),
    )


def _message_figure(count: int, scripts: float) -> Figure:
    return Figure(
        name=f"scripts called, beyond the idle ones, for each due message among {count} instances",
        value=scripts,
        unit="scripts",
        target=f"≤ {MAX_SCRIPTS_PER_MESSAGE}: no thundering herd",
        reached=scripts <= MAX_SCRIPTS_PER_MESSAGE,
        compared_with="a claim and a settlement",
        limit=2.0,
    )
