"""Measures how many messages per second a stream of lines schedules.

The limit is the store called directly with batches of 500.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from .figure import Figure
from .http import PORT, serving
from .world import World, command, new_world

if TYPE_CHECKING:
    from collections.abc import Sequence

MESSAGES, TARGET_RATE, TARGET_RATIO = 200_000, 40_000, 0.5
LINE = b'{"body":"hello","at":4102444800000}\n'
LINES_PER_WRITE = 2_000


async def measure(url: str) -> Sequence[Figure]:
    """Sends all lines in one request, and adds as many messages to the store directly."""
    async with new_world(url) as world:
        store_rate = await _store_rate(world)
    async with new_world(url) as world:
        serve = command("serve", "--no-deliver", "--port", str(PORT))
        async with serving(serve, world.environment):
            rate = await _stream_rate()
    return [
        Figure(
            name="schedule by one stream of lines over HTTP",
            value=rate,
            unit="messages/s",
            target=f"≥ {TARGET_RATE:,} and ≥ {TARGET_RATIO} of the limit",
            reached=rate >= TARGET_RATE and rate / store_rate >= TARGET_RATIO,
            compared_with="the store called directly, batches of 500",
            limit=store_rate,
        )
    ]


async def _store_rate(world: World) -> float:
    at = datetime.now(UTC) + timedelta(days=1)
    began = time.perf_counter()
    for _ in range(MESSAGES // 500):
        await world.writer.add([world.message(b'"hello"', at) for _ in range(500)])
    return MESSAGES / (time.perf_counter() - began)


async def _stream_rate() -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 26)
    began = time.perf_counter()
    writer.write(b"POST /v1/messages/batch HTTP/1.1\r\nHost: here\r\nContent-Type: application/x-ndjson\r\n")
    writer.write(b"Content-Length: %d\r\n\r\n" % (MESSAGES * len(LINE)))
    for _ in range(MESSAGES // LINES_PER_WRITE):
        writer.write(LINE * LINES_PER_WRITE)
        await writer.drain()
    response = await reader.readuntil(b"]}")
    elapsed = time.perf_counter() - began
    writer.close()
    if b'{"accepted":%d,"rejected":0,' % MESSAGES not in response:
        raise RuntimeError(response[:500])
    return MESSAGES / elapsed
