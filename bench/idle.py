"""What instances ask of the store that have nothing to do, and what one due message costs among many of them."""

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

    from .instances import NotingLog
    from .world import World

INSTANCES = (1, 10, 50)
SECONDS, SETTLED_AFTER = 10, 2.5
DUE, APART_MS = 25, 400
"""Messages that come due one by one, so that the cost of one stands out from the idle looks."""
EACH_A_SECOND, SEATS_A_SECOND = 1.5, 6
"""The target: a look or so a second by each, and the roles' own: leases, renewals, looks."""
FOR_ONE_MESSAGE = 5


async def measure(url: str) -> Sequence[Figure]:
    """Counts on the server what 1, 10 and 50 idle loops send, and then what messages among the 50 add to it."""
    figures: list[Figure] = []
    for count in INSTANCES:
        async with new_world(url) as world, running_instances(world, count) as log:
            await asyncio.sleep(SETTLED_AFTER)
            idle = await _scripts_a_second(world, SECONDS)
            figures.append(_idle_figure(count, idle, await _connections(world)))
            if count == max(INSTANCES):
                figures.append(_message_figure(count, await _scripts_a_message(world, log, idle)))
    return figures


async def _scripts_a_message(world: World, log: NotingLog, idle: float) -> float:
    """Returns how many more scripts are run for each message that comes due."""
    # The bell is not rung: these come later than what the watch would wake for at any rate.
    first_ms = to_ms(datetime.now(UTC)) + int(SETTLED_AFTER * 1000)
    await world.fill(world.saying_when(first_ms + number * APART_MS) for number in range(DUE))
    await asyncio.sleep(SETTLED_AFTER - 0.2)
    seconds = DUE * APART_MS / 1000
    busy = await _scripts_a_second(world, seconds)
    if len(log.late_ms) != DUE:
        message = f"{len(log.late_ms)} of {DUE} messages were delivered"
        raise RuntimeError(message)
    return (busy - idle) * seconds / DUE


async def _scripts_a_second(world: World, seconds: float) -> float:
    """Returns how many scripts clients call a second: all that idle loops send, but for setting their clocks."""
    before = await _scripts_called(world)
    await asyncio.sleep(seconds)
    return (await _scripts_called(world) - before) / seconds


async def _scripts_called(world: World) -> int:
    statistics = await world.redis.info("commandstats")
    return sum(found["calls"] for name, found in statistics.items() if name.startswith("cmdstat_eval"))


async def _connections(world: World) -> int:
    return int((await world.redis.info("clients"))["connected_clients"]) - 1


def _idle_figure(count: int, rate: float, connections: int) -> Figure:
    most = EACH_A_SECOND * count + SEATS_A_SECOND
    return Figure(
        name=f"scripts called by {count} idle instances ({connections} connections)",
        value=rate,
        unit="/s",
        target=f"≤ {most:g}",
        reached=rate <= most,
        beside="one look a second by each",
        limit=float(count),
    )


def _message_figure(count: int, scripts: float) -> Figure:
    return Figure(
        name=f"scripts called, beyond the idle ones, for each message that comes due among {count} instances",
        value=scripts,
        unit="scripts",
        target=f"≤ {FOR_ONE_MESSAGE}: no herd",
        reached=scripts <= FOR_ONE_MESSAGE,
        beside="a claim and a settlement",
        limit=2.0,
    )
