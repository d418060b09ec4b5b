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
    """The use case, and the feed it reads."""

    def __init__(self, world: World, kept: int = 1_000) -> None:
        self.world = world
        self.feed = MemoryEventFeed(world.clock, kept)
        self.watch = WatchEvents(self.feed, world.clock)

    async def next(self, news: AsyncGenerator[FeedUpdate]) -> FeedUpdate:
        """Returns what is told next, however long that takes."""
        told = asyncio.ensure_future(anext(news))
        while not told.done():
            await self.world.advance(seconds(READ_INTERVAL_SECONDS))
        return told.result()

    async def told(self, news: AsyncGenerator[FeedUpdate], count: int) -> list[str]:
        read = [(await self.next(news))[1] for _ in range(count)]
        return [it.message_id if isinstance(it, MessageEvent) else it.value for it in read]


@pytest.fixture
def watching(world: World) -> Watching:
    return Watching(world)


async def test_who_begins_now_is_told_of_what_comes(watching: Watching) -> None:
    await watching.feed.append([event("before")])
    async with aclosing(await watching.watch.begin(ANY, None)) as news:
        assert await watching.told(news, 1) == ["heartbeat"]
        await watching.feed.append([event("1"), event("2")])
        await watching.feed.append([event("3")])
        assert await watching.told(news, 3) == ["1", "2", "3"]


async def test_who_comes_back_is_told_of_what_it_has_missed_once(watching: Watching) -> None:
    async with aclosing(await watching.watch.begin(ANY, None)) as news:
        await watching.next(news)
        await watching.feed.append([event("1"), event("2"), event("3")])
        await watching.feed.append([event("4")])
        position, _ = await watching.next(news)
    async with aclosing(await watching.watch.begin(ANY, position)) as news:
        assert await watching.told(news, 4) == ["heartbeat", "2", "3", "4"]


async def test_who_comes_back_too_late_is_told_that_something_is_missing(world: World) -> None:
    watching = Watching(world, kept=2)
    await watching.feed.listen()
    for name in "1234":
        await watching.feed.append([event(name)])
    async with aclosing(await watching.watch.begin(ANY, FeedPosition(entry_id="2-0", seen=1))) as news:
        assert await watching.told(news, 3) == ["gap", "3", "4"]


async def test_a_time_when_nobody_listened_is_a_gap(watching: Watching) -> None:
    async with aclosing(await watching.watch.begin(ANY, None)) as news:
        position, _ = await watching.next(news)
    await watching.world.advance(seconds(3600))
    async with aclosing(await watching.watch.begin(ANY, position)) as news:
        assert await watching.told(news, 2) == ["heartbeat", "gap"]


async def test_only_what_is_asked_for_is_told(watching: Watching) -> None:
    async with aclosing(await watching.watch.begin(Query(label="b"), None)) as news:
        await watching.next(news)
        await watching.feed.append([event("1"), event("2", ("b",)), replace(event("3"), labels=())])
        await watching.feed.append([event("4", ("b",))])
        assert await watching.told(news, 2) == ["2", "4"]


async def test_a_silence_is_broken_by_heartbeats(watching: Watching, world: World) -> None:
    async with aclosing(await watching.watch.begin(ANY, None)) as news:
        await watching.next(news)
        began = world.clock.now()
        assert await watching.told(news, 2) == ["heartbeat", "heartbeat"]
        assert world.clock.now() - began >= seconds(2 * HEARTBEAT_INTERVAL_SECONDS)


async def test_a_watcher_is_heard_as_long_as_it_watches(watching: Watching) -> None:
    async with aclosing(await watching.watch.begin(ANY, None)) as news:
        for _ in range(10):
            assert (await watching.next(news))[1] is Notice.HEARTBEAT
        assert await watching.feed.has_listeners()


async def test_it_ends_when_told_to_stop(watching: Watching) -> None:
    async with aclosing(await watching.watch.begin(ANY, None)) as news:
        await watching.next(news)
        watching.watch.stop()
        with pytest.raises(StopAsyncIteration):
            await watching.next(news)


async def test_there_are_only_so_many_watchers_at_a_time(watching: Watching) -> None:
    watchers = []
    for _ in range(MAX_WATCHERS):
        watchers.append(await watching.watch.begin(ANY, None))
        await watching.next(watchers[-1])
    with pytest.raises(TooManyWatchersError):
        await watching.watch.begin(ANY, None)
    await watchers.pop().aclose()
    async with aclosing(await watching.watch.begin(ANY, None)) as news:
        assert (await watching.next(news))[1] is Notice.HEARTBEAT
    for watcher in watchers:
        await watcher.aclose()
