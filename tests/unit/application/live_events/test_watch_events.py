from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.event_feed import MemoryEventFeed
from postdate.application.events.message_event import MessageEvent
from postdate.application.live_events.watch_events import (
    HEARTBEAT_INTERVAL_SECONDS,
    MAX_WATCHERS,
    READ_INTERVAL_SECONDS,
    FeedPosition,
    Notice,
    WatchEvents,
)
from postdate.domain.errors import TooManyWatchersError
from postdate.domain.messages.query import Query
from tests.contracts.event_feed import event
from tests.unit.application.world import World, seconds

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from postdate.application.live_events.watch_events import FeedUpdate

ANY = Query()


class Watching:
    """The use case, and the feed that it reads."""

    def __init__(self, world: World, max_entries: int = 1_000) -> None:
        self.world = world
        self.feed = MemoryEventFeed(world.clock, max_entries)
        self.watch = WatchEvents(self.feed, world.clock)

    async def next(self, updates: AsyncGenerator[FeedUpdate]) -> FeedUpdate:
        """Advances the clock until the next update, and returns it."""
        update = asyncio.ensure_future(anext(updates))
        while not update.done():
            await self.world.advance(seconds(READ_INTERVAL_SECONDS))
        return update.result()

    async def receive(self, updates: AsyncGenerator[FeedUpdate], count: int) -> list[str]:
        """Returns the message ids of the next events, and the names of notices among them."""
        received = [(await self.next(updates))[1] for _ in range(count)]
        return [it.message_id if isinstance(it, MessageEvent) else it.value for it in received]


@pytest.fixture
def watching(world: World) -> Watching:
    return Watching(world)


async def test_a_watcher_without_a_position_receives_the_events_from_now_on(watching: Watching) -> None:
    await watching.feed.append([event("before")])
    async with aclosing(await watching.watch.begin(ANY, None)) as updates:
        assert await watching.receive(updates, 1) == ["heartbeat"]
        await watching.feed.append([event("1"), event("2")])
        await watching.feed.append([event("3")])
        assert await watching.receive(updates, 3) == ["1", "2", "3"]


async def test_a_watcher_that_resumes_receives_the_events_it_missed_once(watching: Watching) -> None:
    async with aclosing(await watching.watch.begin(ANY, None)) as updates:
        await watching.next(updates)
        await watching.feed.append([event("1"), event("2"), event("3")])
        await watching.feed.append([event("4")])
        position, _ = await watching.next(updates)
    async with aclosing(await watching.watch.begin(ANY, position)) as updates:
        assert await watching.receive(updates, 4) == ["heartbeat", "2", "3", "4"]


async def test_a_watcher_that_resumes_too_late_receives_a_gap(world: World) -> None:
    watching = Watching(world, max_entries=2)
    await watching.feed.listen()
    for name in "1234":
        await watching.feed.append([event(name)])
    async with aclosing(await watching.watch.begin(ANY, FeedPosition(entry_id="2-0", seen=1))) as updates:
        assert await watching.receive(updates, 3) == ["gap", "3", "4"]


async def test_a_time_without_listeners_is_a_gap(watching: Watching) -> None:
    async with aclosing(await watching.watch.begin(ANY, None)) as updates:
        position, _ = await watching.next(updates)
    await watching.world.advance(seconds(3600))
    async with aclosing(await watching.watch.begin(ANY, position)) as updates:
        assert await watching.receive(updates, 2) == ["heartbeat", "gap"]


async def test_a_watcher_receives_only_events_that_match_its_query(watching: Watching) -> None:
    async with aclosing(await watching.watch.begin(Query(label="b"), None)) as updates:
        await watching.next(updates)
        await watching.feed.append([event("1"), event("2", ("b",)), replace(event("3"), labels=())])
        await watching.feed.append([event("4", ("b",))])
        assert await watching.receive(updates, 2) == ["2", "4"]


async def test_a_watcher_receives_heartbeats_during_a_silence(watching: Watching, world: World) -> None:
    async with aclosing(await watching.watch.begin(ANY, None)) as updates:
        await watching.next(updates)
        began = world.clock.now()
        assert await watching.receive(updates, 2) == ["heartbeat", "heartbeat"]
        assert world.clock.now() - began >= seconds(2 * HEARTBEAT_INTERVAL_SECONDS)


async def test_a_watcher_counts_as_a_listener_as_long_as_it_watches(watching: Watching) -> None:
    async with aclosing(await watching.watch.begin(ANY, None)) as updates:
        for _ in range(10):
            assert (await watching.next(updates))[1] is Notice.HEARTBEAT
        assert await watching.feed.has_listeners()


async def test_a_watch_ends_after_a_stop(watching: Watching) -> None:
    async with aclosing(await watching.watch.begin(ANY, None)) as updates:
        await watching.next(updates)
        watching.watch.stop()
        with pytest.raises(StopAsyncIteration):
            await watching.next(updates)


async def test_the_number_of_watchers_is_limited(watching: Watching) -> None:
    watchers = []
    for _ in range(MAX_WATCHERS):
        watchers.append(await watching.watch.begin(ANY, None))
        await watching.next(watchers[-1])
    with pytest.raises(TooManyWatchersError):
        await watching.watch.begin(ANY, None)
    await watchers.pop().aclose()
    async with aclosing(await watching.watch.begin(ANY, None)) as updates:
        assert (await watching.next(updates))[1] is Notice.HEARTBEAT
    for watcher in watchers:
        await watcher.aclose()
