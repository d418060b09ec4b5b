"""What it costs that very many messages are pending, beside few of them on the same server at the same time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from postdate.application.storage.group_commit import GroupCommit
from postdate.domain.lease import Partition
from postdate.domain.time.instant import to_ms

from .figure import Figure, percentile
from .instances import running_instances
from .use_case import rate_of
from .waiting import until
from .world import World, new_world

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW, MOST, TIMES_TO_REACH = 10_000, 2_000_000, 1.5
FILL_BATCH = 5_000
CLAIMS, CLAIM = 8, 250
RATE = 100
BEGINS_WITHIN_MS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class _Effort:
    """How much is measured. Little for a trial with few messages, whose figures say nothing anyway."""

    rounds: int
    scheduled: int
    late_seconds: float

    @classmethod
    def for_(cls, most: int) -> _Effort:
        if most < FEW:
            return cls(rounds=1, scheduled=640, late_seconds=0.1)
        return cls(rounds=5, scheduled=6_400, late_seconds=2)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was measured in a world, round by round. Of each the median counts: others use the machine as well."""

    rates: list[float] = field(default_factory=list)
    claim_ms: list[float] = field(default_factory=list)
    late_p99_ms: list[float] = field(default_factory=list)


async def measure(url: str, most: int = MOST) -> Sequence[Figure]:
    """Fills one namespace with few messages and another with most, then measures both in turn."""
    effort, few = _Effort.for_(most), min(FEW, most // 10)
    async with new_world(url) as small, new_world(url) as large:
        await _fill(small, few)
        await _fill(large, most)
        of_few, of_most = _Found(), _Found()
        for _ in range(effort.rounds):
            await _measure(small, effort, of_few)
            await _measure(large, effort, of_most)
    return _figures(few, most, of_few, of_most)


async def _fill(world: World, count: int) -> None:
    """Adds what waits for tomorrow; returns once the server is done with rewriting its log of it."""
    later = datetime.now(UTC) + timedelta(days=1)
    step = timedelta(milliseconds=7)
    await world.fill((world.message(b'"hello"', later + step * number) for number in range(count)), FILL_BATCH)

    async def settled() -> bool:
        return not (await world.redis.info("persistence"))["aof_rewrite_in_progress"]

    await until(settled)


async def _measure(world: World, effort: _Effort, found: _Found) -> None:
    found.rates.append(await rate_of(world, GroupCommit(world.writer), effort.scheduled))
    found.claim_ms.extend(await _claim_ms(world))
    found.late_p99_ms.append(await _late_p99_ms(world, int(effort.late_seconds * RATE)))


async def _claim_ms(world: World) -> Sequence[float]:
    """Returns how long each of a few claims took, of messages that were added to be due."""
    lease = await world.locks.acquire(Partition(0), "bench", timedelta(hours=1))
    now = datetime.now(UTC)
    await world.fill(world.message(b'"due"', now) for _ in range(CLAIMS * CLAIM))
    took = []
    for _ in range(CLAIMS):
        began = time.perf_counter()
        claimed = await world.claims.claim_due(lease, CLAIM)
        took.append((time.perf_counter() - began) * 1000)
        await world.claims.settle(lease, [message.delivered(now) for message in claimed.messages])
    await world.locks.release(lease)
    return took


async def _late_p99_ms(world: World, count: int) -> float:
    first_ms = to_ms(datetime.now(UTC)) + BEGINS_WITHIN_MS
    await world.fill(world.saying_when(first_ms + number * 1000 // RATE) for number in range(count))
    async with running_instances(world, 1) as log:

        async def all_delivered() -> bool:
            return len(log.late_ms) == count

        await until(all_delivered)
    return percentile(sorted(log.late_ms), 0.99)


def _figures(few: int, most: int, of_few: _Found, of_most: _Found) -> Sequence[Figure]:
    rate, rate_before = median(of_most.rates), median(of_few.rates)
    return [
        Figure(
            name=f"schedule through the use case with {most:,} pending",
            value=rate,
            unit="messages/s",
            target=f"≥ {1 / TIMES_TO_REACH:.2f} of the limit",
            reached=rate >= rate_before / TIMES_TO_REACH,
            beside=f"the same with {few:,} pending",
            limit=rate_before,
        ),
        _time_figure(f"claim of {CLAIM}", most, few, median(of_most.claim_ms), median(of_few.claim_ms)),
        _time_figure(
            f"lateness p99 at {RATE} messages/s",
            most,
            few,
            median(of_most.late_p99_ms),
            median(of_few.late_p99_ms),
        ),
    ]


def _time_figure(what: str, most: int, few: int, now_ms: float, before_ms: float) -> Figure:
    return Figure(
        name=f"{what} with {most:,} pending",
        value=now_ms,
        unit="ms",
        target=f"≤ {TIMES_TO_REACH} of the limit",
        reached=now_ms <= before_ms * TIMES_TO_REACH,
        beside=f"the same with {few:,} pending",
        limit=before_ms,
    )
