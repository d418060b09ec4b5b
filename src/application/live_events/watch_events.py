"""The use case that watches what happens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ...domain.errors import TooManyWatchersError
from ..ports.event_feed import BEGINNING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator

    from ...domain.messages.query import Query
    from ..events.message_event import MessageEvent
    from ..ports.clock import Clock
    from ..ports.event_feed import EventFeed, FeedEntry

MAX_WATCHERS = 100
"""At one instance. Each asks the store ten times a second."""
READ_EVERY = 0.1
"""Seconds between two questions for news."""
HEARTBEAT_EVERY = 15.0
"""Seconds after which a watcher hears that it still watches."""
LISTEN_EVERY = 20.0
"""Seconds between two times that the feed is told of a listener, who counts for a minute."""
AT_ONCE = 20
"""How many entries are read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPosition:
    """A place in the feed: an entry, and how many events of it were seen.

    Attributes:
        entry_id: the entry.
        seen: how many of it.
    """

    entry_id: str
    seen: int


class Notice(Enum):
    """What a watcher is told besides events."""

    GAP = "gap"
    """Something may have happened before this that it was not told."""
    HEARTBEAT = "heartbeat"
    """Nothing has happened for a while."""


News = tuple[FeedPosition, "MessageEvent | Notice"]


class WatchEvents:
    """Tells watchers what happens in all instances. Nothing is held for a slow one: it reads on when it can."""

    def __init__(self, feed: EventFeed, clock: Clock) -> None:
        self._feed = feed
        self._clock = clock
        self._watchers = 0
        self._stopping = False

    def stop(self) -> None:
        """Has every watch end."""
        self._stopping = True

    async def begin(self, query: Query, after: FeedPosition | None) -> AsyncGenerator[News]:
        """Begins to watch, from now on, or behind what was seen before; returns what there is to tell.

        That ends when it is told to stop, and raises `StoreUnavailableError` when the store goes away meanwhile.

        Raises:
            TooManyWatchersError: so many watch already.
            StoreUnavailableError: the store did not answer.
        """
        if self._watchers >= MAX_WATCHERS:
            raise TooManyWatchersError(MAX_WATCHERS)
        await self._feed.listen()
        if after is None:
            return self._watch(query, await self._now(), Notice.HEARTBEAT)
        if after.entry_id == BEGINNING or await self._feed.has(after.entry_id):
            return self._watch(query, after, Notice.HEARTBEAT)
        return self._watch(query, FeedPosition(entry_id=BEGINNING, seen=0), Notice.GAP)

    async def _now(self) -> FeedPosition:
        latest = await self._feed.latest()
        entries = await self._feed.read(latest, 1, inclusive=True)
        seen = len(entries[0].events) if entries and entries[0].id == latest else 0
        return FeedPosition(entry_id=latest, seen=seen)

    async def _watch(self, query: Query, position: FeedPosition, first: Notice) -> AsyncGenerator[News]:
        self._watchers += 1
        try:
            yield position, first
            spoke_at = listened_at = self._clock.monotonic()
            resuming = position.entry_id != BEGINNING
            while not self._stopping:
                entries = await self._feed.read(position.entry_id, AT_ONCE, inclusive=resuming)
                resuming = False
                for position, news in _told(entries, position):  # noqa: B020, PLR1704  # how far it has come
                    if isinstance(news, Notice) or query.matches(news):
                        yield position, news
                        spoke_at = self._clock.monotonic()
                now = self._clock.monotonic()
                if now >= listened_at + LISTEN_EVERY:
                    await self._feed.listen()
                    listened_at = now
                if now >= spoke_at + HEARTBEAT_EVERY:
                    yield position, Notice.HEARTBEAT
                    spoke_at = now
                if len(entries) < AT_ONCE:
                    await self._clock.sleep_until(now + READ_EVERY)
        finally:
            self._watchers -= 1


def _told(entries: Iterable[FeedEntry], position: FeedPosition) -> Iterator[News]:
    """Returns what of entries is new to one who has come to a position."""
    for entry in entries:
        resumed = entry.id == position.entry_id
        if not entry.events and not resumed:
            yield FeedPosition(entry_id=entry.id, seen=0), Notice.GAP
        seen = position.seen if resumed else 0
        for number, event in enumerate(entry.events[seen:], start=seen + 1):
            yield FeedPosition(entry_id=entry.id, seen=number), event
