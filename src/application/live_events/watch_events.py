"""The use case that watches live events: it reads the message events of all instances as they come."""

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
"""The limit per instance. Each watcher reads from the store ten times a second."""
READ_INTERVAL_SECONDS = 0.1
"""The time between two reads of the feed."""
HEARTBEAT_INTERVAL_SECONDS = 15.0
"""The silence after which a watcher receives a heartbeat."""
LISTEN_INTERVAL_SECONDS = 20.0
"""The time between two announcements of a listener to the feed. An announcement counts for a minute."""
MAX_ENTRIES_PER_READ = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPosition:
    """A position in the feed: an entry, and how many of its events were received.

    Attributes:
        entry_id: The id of the entry.
        seen: How many events of the entry were received.
    """

    entry_id: str
    seen: int


class Notice(Enum):
    """What a watcher receives besides message events."""

    GAP = "gap"
    """Events may be missing before this position."""
    HEARTBEAT = "heartbeat"
    """No event came for a while; the watch continues."""


FeedUpdate = tuple[FeedPosition, "MessageEvent | Notice"]
"""A message event or a notice, and the position to resume from after it."""


class WatchEvents:
    """Lets watchers read the message events of all instances.

    Nothing is queued for a slow watcher: it reads the feed later.
    """

    def __init__(self, feed: EventFeed, clock: Clock) -> None:
        self._feed = feed
        self._clock = clock
        self._watchers = 0
        self._is_stopping = False

    def stop(self) -> None:
        """Ends every watch."""
        self._is_stopping = True

    async def begin(self, query: Query, after: FeedPosition | None) -> AsyncGenerator[FeedUpdate]:
        """Begins a watch after a position, or now if there is none. Returns the updates that match `query`.

        The first update is a notice: `GAP` if the feed no longer has the position, `HEARTBEAT` otherwise. The
        updates end after `stop`. They raise `StoreUnavailableError` if the store does not answer meanwhile.

        Raises:
            TooManyWatchersError: The instance has `MAX_WATCHERS` watchers already.
            StoreUnavailableError: The store did not answer.
        """
        if self._watchers >= MAX_WATCHERS:
            raise TooManyWatchersError(MAX_WATCHERS)
        await self._feed.listen()
        if after is None:
            return self._watch(query, await self._latest_position(), Notice.HEARTBEAT)
        if after.entry_id == BEGINNING or await self._feed.has(after.entry_id):
            return self._watch(query, after, Notice.HEARTBEAT)
        return self._watch(query, FeedPosition(entry_id=BEGINNING, seen=0), Notice.GAP)

    async def _latest_position(self) -> FeedPosition:
        latest = await self._feed.latest()
        entries = await self._feed.read(latest, 1, inclusive=True)
        seen = len(entries[0].events) if entries and entries[0].id == latest else 0
        return FeedPosition(entry_id=latest, seen=seen)

    async def _watch(self, query: Query, position: FeedPosition, first: Notice) -> AsyncGenerator[FeedUpdate]:
        self._watchers += 1
        try:
            yield position, first
            yielded_at = listened_at = self._clock.monotonic()
            is_resuming = position.entry_id != BEGINNING
            while not self._is_stopping:
                entries = await self._feed.read(position.entry_id, MAX_ENTRIES_PER_READ, inclusive=is_resuming)
                is_resuming = False
                for reached, update in _updates_after(position, entries):
                    position = reached
                    if isinstance(update, Notice) or query.matches(update):
                        yield position, update
                        yielded_at = self._clock.monotonic()
                now = self._clock.monotonic()
                if now >= listened_at + LISTEN_INTERVAL_SECONDS:
                    await self._feed.listen()
                    listened_at = now
                if now >= yielded_at + HEARTBEAT_INTERVAL_SECONDS:
                    yield position, Notice.HEARTBEAT
                    yielded_at = now
                if len(entries) < MAX_ENTRIES_PER_READ:
                    await self._clock.sleep_until(now + READ_INTERVAL_SECONDS)
        finally:
            self._watchers -= 1


def _updates_after(position: FeedPosition, entries: Iterable[FeedEntry]) -> Iterator[FeedUpdate]:
    """Yields the events of entries that come after a position, and a gap for each entry without events."""
    for entry in entries:
        is_resumed = entry.id == position.entry_id
        if not entry.events and not is_resumed:
            yield FeedPosition(entry_id=entry.id, seen=0), Notice.GAP
        seen = position.seen if is_resumed else 0
        for number, event in enumerate(entry.events[seen:], start=seen + 1):
            yield FeedPosition(entry_id=entry.id, seen=number), event
