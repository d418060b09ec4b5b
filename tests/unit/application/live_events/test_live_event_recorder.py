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
    """A feed that cannot be written to while it is away."""

    away = False
    asked = 0

    async def append(self, events: Sequence[MessageEvent]) -> None:
        if self.away:
            raise StoreUnavailableError("away")
        await super().append(events)

    async def has_listeners(self) -> bool:
        self.asked += 1
        return await super().has_listeners()


class Recording:
    """A recorder that writes, and what it writes to."""

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

    async def told(self) -> list[str]:
        """Returns what was written, a gap as such."""
        entries = await self.feed.read(BEGINNING, 10_000)
        return [kind for entry in entries for kind in [it.kind.value for it in entry.events] or ["gap"]]


@pytest.fixture
def recording(world: World) -> Recording:
    return Recording(world)


async def test_each_event_about_messages_is_told_to_those_who_listen(world: World, recording: Recording) -> None:
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
    assert await recording.told() == [
        "gap",
        *("scheduled", "rescheduled", "claimed", "claimed", "retry", "delivered", "dead", "replayed"),
        *("cancelled", "expired"),
    ]
    assert len(recording.inner.events) == 10


async def test_an_entry_holds_no_more_than_so_many(world: World, recording: Recording) -> None:
    await recording.feed.listen()
    async with recording.writing():
        messages = [world.message(ms(0)) for _ in range(2 * MAX_EVENTS_PER_ENTRY + 1)]
        recording.recorder.record(MessagesScheduled(messages))
        await world.advance(seconds(WRITE_INTERVAL_SECONDS))
    entries = await recording.feed.read(BEGINNING, 10)
    assert [len(entry.events) for entry in entries] == [0, MAX_EVENTS_PER_ENTRY, MAX_EVENTS_PER_ENTRY, 1]


async def test_while_nobody_listens_nothing_is_written(world: World, recording: Recording) -> None:
    async with recording.writing():
        for _ in range(10):
            recording.recorder.record(MessageCancelled(world.message(ms(0))))
            await world.advance(seconds(LISTENER_CHECK_SECONDS))
    assert await recording.told() == []
    assert recording.feed.asked <= 12


async def test_who_begins_to_listen_is_told_of_what_has_just_happened(world: World, recording: Recording) -> None:
    async with recording.writing():
        recording.recorder.record(MessageCancelled(world.message(ms(0))))
        await world.advance(seconds(10))
        await recording.feed.listen()
        recording.recorder.record(MessagesScheduled([world.message(ms(0))]))
        await world.advance(seconds(LISTENER_CHECK_SECONDS + WRITE_INTERVAL_SECONDS))
    assert await recording.told() == ["gap", "scheduled"]


async def test_what_could_not_be_written_leaves_a_gap(world: World, recording: Recording) -> None:
    await recording.feed.listen()
    async with recording.writing():
        recording.feed.away = True
        recording.recorder.record(MessagesScheduled([world.message(ms(0))]))
        await world.advance(seconds(1))
        recording.feed.away = False
        recording.recorder.record(MessageCancelled(world.message(ms(0))))
        await world.advance(seconds(1))
    assert await recording.told() == ["gap", "gap", "cancelled"]


async def test_of_too_much_the_latest_is_told_behind_a_gap(world: World, recording: Recording) -> None:
    await recording.feed.listen()
    large = replace(world.message(ms(0)), body=b"x" * (MAX_BUFFERED_BYTES // 3))
    async with recording.writing():
        for _ in range(9):
            recording.recorder.record(MessagesScheduled([large]))
        await world.advance(seconds(WRITE_INTERVAL_SECONDS))
    assert await recording.told() == ["gap", "gap", "scheduled", "scheduled"]


async def test_at_the_end_the_rest_is_written(world: World, recording: Recording) -> None:
    await recording.feed.listen()
    recording.recorder.record(MessageCancelled(world.message(ms(0))))
    await recording.recorder.flush()
    assert await recording.told() == ["gap", "cancelled"]
