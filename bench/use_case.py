"""Measures how many messages per second the use case accepts.

The limit is the store without group commit.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from postdate.adapters.channels.console import ConsoleChannel
from postdate.adapters.memory.doorbell import MemoryDoorbell
from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.adapters.system.clock import SystemClock
from postdate.adapters.system.delivery_log import StandardOutputLog
from postdate.application.channels import Channels
from postdate.application.messages.schedule_message import ScheduleMessage, ScheduleRequest
from postdate.application.storage.group_commit import GroupCommit

from .figure import Figure
from .world import World, new_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from postdate.application.ports.message_writer import MessageWriter

MESSAGES, CONCURRENCY, TARGET_RATE = 60_000, 64, 30_000


class _NullEventRecorder(MemoryEventRecorder):
    def record(self, event: object) -> None:
        """Ignores the event."""


async def measure(url: str) -> Sequence[Figure]:
    """Schedules one message per call, 64 concurrent calls, with and without group commit."""
    async with new_world(url) as world:
        rate = await rate_of(world, GroupCommit(world.writer))
    async with new_world(url) as world:
        store_rate = await rate_of(world, world.writer)
    return [
        Figure(
            name=f"schedule through the use case, {CONCURRENCY} concurrent calls",
            value=rate,
            unit="messages/s",
            target=f"≥ {TARGET_RATE:,}",
            reached=rate >= TARGET_RATE,
            compared_with="the same without group commit",
            limit=store_rate,
        )
    ]


async def rate_of(world: World, writer: MessageWriter, messages: int = MESSAGES) -> float:
    """Returns how many messages per second are accepted. They are due tomorrow."""
    schedule = ScheduleMessage(
        writer,
        world.ids,
        Channels({"console": ConsoleChannel(StandardOutputLog())}),
        MemoryDoorbell(),
        SystemClock(),
        _NullEventRecorder(),
    )
    request = ScheduleRequest(body=b'"hello"', at=datetime.now(UTC) + timedelta(days=1))

    async def caller() -> None:
        for _ in range(messages // CONCURRENCY):
            await schedule(request)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CONCURRENCY)))
    return messages // CONCURRENCY * CONCURRENCY / (time.perf_counter() - began)
