"""Measures how late messages are when the leader is killed, with and without claims.

The limit is an undisturbed stream of messages.
"""

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
from .waiting import wait_until
from .world import World, new_world

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

CLAIMED, FILLER_BYTES = 200, 2_000  # more than the buffer of any pipe
RATE, SECONDS = 100, 4
LEASE_MS, TAKEOVER_MS, STEP_IN_MS = 2_000, 500, 25
"""How long a lease lives, how long a takeover may take after that, and how much later the standby may deliver."""
TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Takeover:
    """When the surviving deliverer delivered the messages after the kill.

    Attributes:
        last_claimed_ms: The time from the kill to the last delivery of a message that the leader had claimed.
        late_ms: How late each message was that the leader had not claimed, in ascending order.
    """

    last_claimed_ms: float
    late_ms: Sequence[float]


async def measure(url: str) -> Sequence[Figure]:
    """Kills the leader of two deliverers: once while it has claims, once while it has none."""
    async with new_world(url) as world, running_deliverer(world) as alone:
        undisturbed = await alone.lateness(await _fill_stream(world, to_ms(datetime.now(UTC)) + LEASE_MS))
    busy, idle = await _kill_leader(url, CLAIMED), await _kill_leader(url, 0)
    return [_claimed_figure(busy), _late_figure(busy, CLAIMED, undisturbed), _late_figure(idle, 0, undisturbed)]


async def _kill_leader(url: str, claimed: int) -> _Takeover:
    async with new_world(url) as world, stuck_deliverer(world) as leader:
        await _wait_for_role(world, Role.LEADER)
        async with running_deliverer(world) as standby:
            await _wait_for_role(world, Role.STANDBY)
            bodies = await _add_claimed(world, claimed)
            stream = await _fill_stream(world, to_ms(datetime.now(UTC)) + 200)
            await leader.kill()
            return await _read_deliveries(standby, time.time() * 1000, bodies, stream)


async def _add_claimed(world: World, count: int) -> Collection[bytes]:
    """Adds due messages that fill the pipe of the stuck deliverer. Returns their bodies once all are claimed."""
    now = datetime.now(UTC)
    bodies = [b'"claimed %d %s"' % (number, b"x" * FILLER_BYTES) for number in range(count)]
    await world.writer.add([world.message(body, now) for body in bodies])

    async def all_claimed() -> bool:
        return bool(await world.redis.zcard(world.keys[Partition(0)].claims) == count)

    await wait_until(all_claimed)
    return {body.strip(b'"') for body in bodies}


async def _fill_stream(world: World, first_ms: int) -> int:
    """Adds a stream of messages, the first due at `first_ms`, and rings as scheduling does. Returns how many."""
    count = RATE * SECONDS
    await world.fill(world.message_with_due_time(first_ms + number * 1000 // RATE) for number in range(count))
    await world.ring()
    return count


async def _read_deliveries(
    standby: Deliverer, killed_ms: float, bodies: Collection[bytes], stream: int
) -> _Takeover:
    missing, last_claimed_ms = set(bodies), 0.0
    late: list[float] = []
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while missing or len(late) < stream:
            read_ms, line = await standby.next_line()
            if line.startswith(b"claimed"):
                missing.discard(line.rstrip())
                last_claimed_ms = read_ms - killed_ms
            else:
                late.append(read_ms - int(line))
    return _Takeover(last_claimed_ms=last_claimed_ms, late_ms=sorted(late))


async def _wait_for_role(world: World, role: Role) -> None:
    async def is_taken() -> bool:
        return role in (await world.claims.partition_state(Partition(0))).roles

    await wait_until(is_taken)


def _claimed_figure(takeover: _Takeover) -> Figure:
    limit = LEASE_MS + TAKEOVER_MS
    return Figure(
        name=f"kill -9 of the leader: the last of {CLAIMED} messages that it had claimed, after the kill",
        value=takeover.last_claimed_ms,
        unit="ms",
        target=f"≤ {limit:,}: a lease and {TAKEOVER_MS / 1000} s",
        reached=takeover.last_claimed_ms <= limit,
        compared_with="the time to live of a lease",
        limit=LEASE_MS,
    )


def _late_figure(takeover: _Takeover, claimed: int, undisturbed: Sequence[float]) -> Figure:
    p99, limit = percentile(takeover.late_ms, 0.99), percentile(undisturbed, 0.99)
    return Figure(
        name=f"kill -9 of the leader with {claimed} claims: lateness p99 of other messages"
        f" (latest {takeover.late_ms[-1]:.1f} ms)",
        value=p99,
        unit="ms",
        target=f"≤ {limit + STEP_IN_MS:.1f}: {STEP_IN_MS} ms beyond the limit, never early",
        reached=takeover.late_ms[0] >= 0 and p99 <= limit + STEP_IN_MS,
        compared_with=f"an undisturbed stream of {RATE}/s (latest {undisturbed[-1]:.1f} ms)",
        limit=limit,
    )
