"""Measures how fast one process delivers a backlog to the console.

The limit is the two scripts called directly.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from postdate.domain.lease import Partition

from .figure import Figure
from .world import BATCH, World, command, new_world

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from postdate.domain.messages.message import Message

BACKLOG, STARTS = 200_000, 3
TARGET_RATE, TARGET_RATIO = 50_000, 0.35


async def measure(url: str) -> Sequence[Figure]:
    """Drains the backlog by `deliver-due --once`, less the time of its start, and again by the scripts alone."""
    async with new_world(url) as empty:
        # The shortest of several starts: one that other work of the machine delayed would make the rate too high.
        start_seconds = min([(await _drain(empty))[0] for _ in range(STARTS)])
    async with new_world(url) as world:
        await world.fill(_backlog(world, BACKLOG))
        seconds, lines = await _drain(world)
    if lines != BACKLOG:
        message = f"{lines} of {BACKLOG} messages were printed"
        raise RuntimeError(message)
    rate = BACKLOG / (seconds - start_seconds)
    bare = BACKLOG / await bare_seconds(url, BACKLOG)
    return [
        Figure(
            name=f"drain {BACKLOG:,} due messages to the console",
            value=rate,
            unit="messages/s",
            target=f"≥ {TARGET_RATE:,} and ≥ {TARGET_RATIO} of the limit",
            reached=rate >= TARGET_RATE and rate / bare >= TARGET_RATIO,
            compared_with=f"claim and settle scripts called directly, batches of {BATCH}",
            limit=bare,
        )
    ]


def _backlog(world: World, count: int) -> Iterator[Message]:
    now = datetime.now(UTC)
    return (world.message(b'"message number %d"' % number, now) for number in range(count))


async def _drain(world: World) -> tuple[float, int]:
    """Returns how many seconds the process ran, and how many lines it printed to a file."""
    with TemporaryDirectory() as folder:
        output = Path(folder) / "output"
        began = time.perf_counter()
        with output.open("wb") as stdout:
            process = await asyncio.create_subprocess_exec(
                *command("deliver-due", "--once"), env=world.environment, stdout=stdout, stderr=subprocess.DEVNULL
            )
            await process.wait()
        return time.perf_counter() - began, output.read_bytes().count(b"\n")


async def bare_seconds(url: str, count: int) -> float:
    """Returns how many seconds the two scripts alone take to claim and settle `count` messages, call by call."""
    async with new_world(url) as world:
        await world.fill(_backlog(world, count))
        scripts, keys = world.claim_scripts, world.keys[Partition(0)]
        lease = await world.locks.acquire(Partition(0), "bench", timedelta(hours=1))
        now_ms = int(time.time() * 1000)
        began = time.perf_counter()
        while reply := await scripts.claim_due(keys, lease, BATCH):
            if not reply.records:
                return time.perf_counter() - began
            rows = [(name.decode(), keys.done, now_ms, record or b"") for name, record in reply.records]
            await scripts.settle_claims(keys, (86_400_000, 10_000), lease, rows)
    raise AssertionError
