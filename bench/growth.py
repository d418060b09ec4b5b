"""Measures how operations slow down when very many messages are pending.

The limit is the same with few pending messages, on the same server at the same time.
"""

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
from .waiting import wait_until
from .world import World, new_world

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW_PENDING, MAX_PENDING, MAX_FACTOR = 10_000, 2_000_000, 1.5
FILL_BATCH = 5_000
CLAIMS, CLAIM_SIZE = 8, 250
RATE = 100
START_DELAY_MS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class _Effort:
    """How much is measured. Little in a trial with few messages, whose figures mean nothing."""

    rounds: int
    scheduled: int
    lateness_seconds: float

    @classmethod
    def for_(cls, max_pending: int) -> _Effort:
        if max_pending < FEW_PENDING:
            return cls(rounds=1, scheduled=640, lateness_seconds=0.1)
        return cls(rounds=5, scheduled=6_400, lateness_seconds=2)


@dataclass(frozen=True, slots=True)
class _Measurements:
    """The measurements of one world by round. The median counts, because other work uses the machine too."""

    rates: list[float] = field(default_factory=list)
    claim_ms: list[float] = field(default_factory=list)
    late_p99_ms: list[float] = field(default_factory=list)


async def measure(url: str, max_pending: int = MAX_PENDING) -> Sequence[Figure]:
    """Fills one namespace with few messages and another with many, then measures both in turn."""
    effort, few = _Effort.for_(max_pending), min(FEW_PENDING, max_pending // 10)
    async with new_world(url) as small, new_world(url) as large:
        await _fill(small, few)
        await _fill(large, max_pending)
        with_few, with_many = _Measurements(), _Measurements()
        for _ in range(effort.rounds):
            await _measure(small, effort, with_few)
            await _measure(large, effort, with_many)
    return _figures(few, max_pending, with_few, with_many)


async def _fill(world: World, count: int) -> None:
    """Adds messages that are due tomorrow. Returns once the server has rewritten its append-only file."""
    later = datetime.now(UTC) + timedelta(days=1)
    step = timedelta(milliseconds=7)
    await world.fill((world.message(b'"hello"', later + step * number) for number in range(count)), FILL_BATCH)

    async def rewritten() -> bool:
        return not (await world.redis.info("persistence"))["aof_rewrite_in_progress"]

    await wait_until(rewritten)


async def _measure(world: World, effort: _Effort, measurements: _Measurements) -> None:
    measurements.rates.append(await rate_of(world, GroupCommit(world.writer), effort.scheduled))
    measurements.claim_ms.extend(await _claim_ms(world))
    measurements.late_p99_ms.append(await _late_p99_ms(world, int(effort.lateness_seconds * RATE)))


async def _claim_ms(world: World) -> Sequence[float]:
    """Adds due messages and returns how many ms each of a few claims of them took."""
    lease = await world.locks.acquire(Partition(0), "bench", timedelta(hours=1))
    now = datetime.now(UTC)
    await world.fill(world.message(b'"due"', now) for _ in range(CLAIMS * CLAIM_SIZE))
    durations_ms = []
    for _ in range(CLAIMS):
        began = time.perf_counter()
        claimed = await world.claims.claim_due(lease, CLAIM_SIZE)
        durations_ms.append((time.perf_counter() - began) * 1000)
        await world.claims.settle(lease, [message.delivered(now) for message in claimed.messages])
    await world.locks.release(lease)
    return durations_ms


async def _late_p99_ms(world: World, count: int) -> float:
    first_ms = to_ms(datetime.now(UTC)) + START_DELAY_MS
    await world.fill(world.message_with_due_time(first_ms + number * 1000 // RATE) for number in range(count))
    async with running_instances(world, 1) as log:

        async def all_delivered() -> bool:
            return len(log.late_ms) == count

        await wait_until(all_delivered)
    return percentile(sorted(log.late_ms), 0.99)


def _figures(few: int, many: int, with_few: _Measurements, with_many: _Measurements) -> Sequence[Figure]:
    rate, rate_before = median(with_many.rates), median(with_few.rates)
    return [
        Figure(
            name=f"schedule through the use case with {many:,} pending",
            value=rate,
            unit="messages/s",
            target=f"≥ {1 / MAX_FACTOR:.2f} of the limit",
            reached=rate >= rate_before / MAX_FACTOR,
            compared_with=f"the same with {few:,} pending",
            limit=rate_before,
        ),
        _time_figure(f"claim of {CLAIM_SIZE}", many, few, median(with_many.claim_ms), median(with_few.claim_ms)),
        _time_figure(
            f"lateness p99 at {RATE} messages/s",
            many,
            few,
            median(with_many.late_p99_ms),
            median(with_few.late_p99_ms),
        ),
    ]


def _time_figure(what: str, many: int, few: int, now_ms: float, before_ms: float) -> Figure:
    return Figure(
        name=f"{what} with {many:,} pending",
        value=now_ms,
        unit="ms",
        target=f"≤ {MAX_FACTOR} of the limit",
        reached=now_ms <= before_ms * MAX_FACTOR,
        compared_with=f"the same with {few:,} pending",
        limit=before_ms,
    )
