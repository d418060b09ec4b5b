"""What becomes of messages when the deliverer that holds them, and watches, is killed; beside undisturbed ones."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from postdate.domain.lease import Partition, Role
from postdate.domain.time.instant import to_ms

from .deliverer import Deliverer, running_deliverer, stuck_deliverer
from .figure import Figure, percentile
from .waiting import until
from .world import World, new_world

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

HELD, FILLER_BYTES = 200, 2_000  # more than any pipe takes in
RATE, SECONDS = 100, 4
LEASE_MS, TAKEN_OVER_MS, LATE_MS = 2_000, 500, 25
"""How long a lease lives, what a takeover may take beyond, and what the deputy may take more than the watch."""
PATIENCE_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aftermath:
    """What the survivor printed after the kill.

    Attributes:
        last_held_ms: how long after the kill the last message was delivered that the dead deliverer had held.
        late_ms: how late each message was that it had not held, least first.
    """

    last_held_ms: float
    late_ms: Sequence[float]


async def measure(url: str) -> Sequence[Figure]:
    """Kills the watch of two deliverers: once while it holds claims, once while it holds none."""
    async with new_world(url) as world, running_deliverer(world) as alone:
        undisturbed = await alone.lateness(await _fill_stream(world, to_ms(datetime.now(UTC)) + LEASE_MS))
    holding, idle = await _killed(url, HELD), await _killed(url, 0)
    return [_held_figure(holding), _late_figure(holding, HELD, undisturbed), _late_figure(idle, 0, undisturbed)]


async def _killed(url: str, held: int) -> _Aftermath:
    async with new_world(url) as world, stuck_deliverer(world) as watch:
        await _taken(world, Role.LEADER)
        async with running_deliverer(world) as deputy:
            await _taken(world, Role.STANDBY)
            lost = await _claimed(world, held)
            stream = await _fill_stream(world, to_ms(datetime.now(UTC)) + 200)
            await watch.kill()
            return await _watch(deputy, time.time() * 1000, lost, stream)


async def _claimed(world: World, count: int) -> Collection[bytes]:
    """Adds messages that are due and too long for a pipe that nobody reads; returns them once all are claimed."""
    now = datetime.now(UTC)
    bodies = [b'"held %d %s"' % (number, b"x" * FILLER_BYTES) for number in range(count)]
    await world.writer.add([world.message(body, now) for body in bodies])

    async def all_claimed() -> bool:
        return bool(await world.redis.zcard(world.keys[Partition(0)].claims) == count)

    await until(all_claimed)
    return {body.strip(b'"') for body in bodies}


async def _fill_stream(world: World, first_ms: int) -> int:
    """Adds a stream of messages, the first due then, and rings as scheduling would; returns how many."""
    count = RATE * SECONDS
    await world.fill(world.saying_when(first_ms + number * 1000 // RATE) for number in range(count))
    await world.ring()
    return count


async def _watch(deputy: Deliverer, killed_ms: float, lost: Collection[bytes], stream: int) -> _Aftermath:
    missing, last_held_ms = set(lost), 0.0
    late: list[float] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while missing or len(late) < stream:
            read_ms, line = await deputy.next_line()
            if line.startswith(b"held"):
                missing.discard(line.rstrip())
                last_held_ms = read_ms - killed_ms
            else:
                late.append(read_ms - int(line))
    return _Aftermath(last_held_ms=last_held_ms, late_ms=sorted(late))


async def _taken(world: World, role: Role) -> None:
    async def is_taken() -> bool:
        return role in (await world.claims.partition_state(Partition(0))).roles

    await until(is_taken)


def _held_figure(found: _Aftermath) -> Figure:
    limit = LEASE_MS + TAKEN_OVER_MS
    return Figure(
        name=f"kill -9 of the watch: the last of {HELD} messages that it held, after the kill",
        value=found.last_held_ms,
        unit="ms",
        target=f"≤ {limit:,}: a lease and {TAKEN_OVER_MS / 1000} s",
        reached=found.last_held_ms <= limit,
        beside="the lease",
        limit=LEASE_MS,
    )


def _late_figure(found: _Aftermath, held: int, undisturbed: Sequence[float]) -> Figure:
    p99, limit = percentile(found.late_ms, 0.99), percentile(undisturbed, 0.99)
    return Figure(
        name=f"kill -9 of the watch, holding {held}: lateness p99 of what it did not hold"
        f" (latest {found.late_ms[-1]:.1f} ms)",
        value=p99,
        unit="ms",
        target=f"≤ {limit + LATE_MS:.1f}: {LATE_MS} ms beyond the limit, never early",
        reached=found.late_ms[0] >= 0 and p99 <= limit + LATE_MS,
        beside=f"an undisturbed stream of {RATE}/s (latest {undisturbed[-1]:.1f} ms)",
        limit=limit,
    )
