from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.event_feed import MemoryEventFeed
from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.application.end_task import end_task
from postdate.application.events.events import (
    LeaseAcquired,
    MessageCancelled,
    MessageDied,
    MessageExpired,
    MessageReplayed,
    MessageRescheduled,
    MessageRetried,
    MessagesClaimed,
    MessagesDelivered,
    MessagesScheduled,
)
from postdate.application.live_events.live_event_recorder import (
    LISTENER_CHECK_SECONDS,
    MAX_BUFFERED_BYTES,
    MAX_EVENTS_PER_ENTRY,
    WRITE_INTERVAL_SECONDS,
    LiveEventRecorder,
)
from postdate.application.ports.event_feed import BEGINNING
from postdate.domain.errors import StoreUnavailableError
from postdate.domain.lease import Lease
from tests.unit.application.world import PARTITION, World, ms, seconds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from postdate.application.events.message_event import MessageEvent

LEASE = Lease(partition=PARTITION, owner="one", token=1, ttl=timedelta(seconds=2))


class FeedThatMayBeAway(MemoryEventFeed):
    """A feed that raises while it is away, and counts the checks for listeners."""

    away = False
    checks = 0

    async def append(self, events: Sequence[MessageEvent]) -> None:
        if self.away:
            raise StoreUnavailableError("away")
        await super().append(events)

    async def has_listeners(self) -> bool:
        self.checks += 1
        return await super().has_listeners()


class Recording:
    """A live event recorder, and the feed that it writes to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.feed = FeedThatMayBeAway(world.clock)
        self.inner = MemoryEventRecorder()
        self.recorder = LiveEventRecorder(self.inner, self.feed, world.clock)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.recorder.keep_writing())
        await self.world.advance(ms(0))
        try:
            yield
        finally:
            await end_task(task)

    async def written(self) -> list[str]:
        """Returns the kinds of the events in the feed, and `gap` for an entry without events."""
        entries = await self.feed.read(BEGINNING, 10_000)
        return [kind for entry in entries for kind in [it.kind.value for it in entry.events] or ["gap"]]


@pytest.fixture
def recording(world: World) -> Recording:
    return Recording(world)


async def test_each_event_about_messages_is_written_while_there_are_listeners(
    world: World, recording: Recording
) -> None:
    message = world.message(ms(0))
    await recording.feed.listen()
    async with recording.writing():
        for event in (
            MessagesScheduled([message]),
            MessageRescheduled(message),
            MessagesClaimed(LEASE, [message, message], 0),
            MessageRetried(LEASE, message),
            MessagesDelivered(LEASE, [message]),
            MessageDied(LEASE, message),
            MessageReplayed(message),
            MessageCancelled(message),
            MessageExpired(LEASE, message),
            LeaseAcquired(LEASE),
        ):
            recording.recorder.record(event)
        await world.advance(seconds(WRITE_INTERVAL_SECONDS))
    assert await recording.written() == [
        "gap",
        *("scheduled", "rescheduled", "claimed", "claimed", "retry", "delivered", "dead", "replayed"),
        *("cancelled", "expired"),
    ]
    assert len(recording.inner.events) == 10


async def test_an_entry_has_a_limited_number_of_events(world: World, recording: Recording) -> None:
    await recording.feed.listen()
    async with recording.writing():
        messages = [world.message(ms(0)) for _ in range(2 * MAX_EVENTS_PER_ENTRY + 1)]
        recording.recorder.record(MessagesScheduled(messages))
        await world.advance(seconds(WRITE_INTERVAL_SECONDS))
    entries = await recording.feed.read(BEGINNING, 10)
    assert [len(entry.events) for entry in entries] == [0, MAX_EVENTS_PER_ENTRY, MAX_EVENTS_PER_ENTRY, 1]


async def test_no_event_is_written_without_listeners(world: World, recording: Recording) -> None:
    async with recording.writing():
        for _ in range(10):
            recording.recorder.record(MessageCancelled(world.message(ms(0))))
            await world.advance(seconds(LISTENER_CHECK_SECONDS))
    assert await recording.written() == []
    assert recording.feed.checks <= 12


async def test_a_new_listener_receives_the_latest_events(world: World, recording: Recording) -> None:
    async with recording.writing():
        recording.recorder.record(MessageCancelled(world.message(ms(0))))
        await world.advance(seconds(10))
        await recording.feed.listen()
        recording.recorder.record(MessagesScheduled([world.message(ms(0))]))
        await world.advance(seconds(LISTENER_CHECK_SECONDS + WRITE_INTERVAL_SECONDS))
    assert await recording.written() == ["gap", "scheduled"]


async def test_events_that_could_not_be_written_leave_a_gap(world: World, recording: Recording) -> None:
    await recording.feed.listen()
    async with recording.writing():
        recording.feed.away = True
        recording.recorder.record(MessagesScheduled([world.message(ms(0))]))
        await world.advance(seconds(1))
        recording.feed.away = False
        recording.recorder.record(MessageCancelled(world.message(ms(0))))
        await world.advance(seconds(1))
    assert await recording.written() == ["gap", "gap", "cancelled"]


async def test_the_latest_of_too_many_events_are_written_after_a_gap(world: World, recording: Recording) -> None:
    await recording.feed.listen()
    large = replace(world.message(ms(0)), body=b"x" * (MAX_BUFFERED_BYTES // 3))
    async with recording.writing():
        for _ in range(9):
            recording.recorder.record(MessagesScheduled([large]))
        await world.advance(seconds(WRITE_INTERVAL_SECONDS))
    assert await recording.written() == ["gap", "gap", "scheduled", "scheduled"]


async def test_a_flush_writes_the_rest_of_the_buffer(world: World, recording: Recording) -> None:
    await recording.feed.listen()
    recording.recorder.record(MessageCancelled(world.message(ms(0))))
    await recording.recorder.flush()
    assert await recording.written() == ["gap", "cancelled"]
