"""The contract of a feed of events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from postdate.application.events.message_event import MessageEvent
from postdate.application.ports.event_feed import BEGINNING
from postdate.domain.ids import MessageId
from postdate.domain.messages.status import Status
from postdate.domain.messages.timeline import EventKind

if TYPE_CHECKING:
    from postdate.application.ports.event_feed import EventFeed

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def event(message_id: str = "000000000000", labels: tuple[str, ...] = ("a", "žluť")) -> MessageEvent:
    return MessageEvent(
        kind=EventKind.DELIVERED,
        at=NOW,
        message_id=MessageId(message_id),
        status=Status.DELIVERED,
        to="console",
        labels=labels,
        due_at=NOW,
        attempts=1,
    )


class EventFeedContract:
    """Needs a fixture `feed: EventFeed`, empty."""

    async def test_an_empty_feed_has_no_entry(self, feed: EventFeed) -> None:
        assert await feed.latest() == BEGINNING
        assert list(await feed.read(BEGINNING, 10)) == []
        assert not await feed.has("1-0")

    async def test_appended_events_are_read_unchanged_and_in_order(self, feed: EventFeed) -> None:
        written = [[event("1"), event("2", ())], [event("3")]]
        for events in written:
            await feed.append(events)
        entries = await feed.read(BEGINNING, 10)
        assert [list(entry.events) for entry in entries] == written
        assert await feed.latest() == entries[-1].id

    async def test_entries_are_read_after_an_entry_or_from_it_on(self, feed: EventFeed) -> None:
        for name in "123":
            await feed.append([event(name)])
        first, second, third = await feed.read(BEGINNING, 10)
        assert list(await feed.read(first.id, 1)) == [second]
        assert list(await feed.read(second.id, 10, inclusive=True)) == [second, third]
        assert list(await feed.read(third.id, 10)) == []

    async def test_an_entry_is_kept(self, feed: EventFeed) -> None:
        await feed.append([event()])
        assert await feed.has(await feed.latest())
        assert not await feed.has("1-9")

    async def test_a_feed_has_no_listeners_until_one_is_recorded(self, feed: EventFeed) -> None:
        assert not await feed.has_listeners()
        await feed.listen()
        assert await feed.has_listeners()

    async def test_the_first_listener_appends_an_empty_entry_and_the_next_does_not(self, feed: EventFeed) -> None:
        await feed.append([event()])
        await feed.listen()
        await feed.listen()
        assert [len(entry.events) for entry in await feed.read(BEGINNING, 10)] == [1, 0]

    async def test_the_oldest_entries_are_forgotten(self, feed: EventFeed) -> None:
        await feed.append([event()])
        first = await feed.latest()
        for _ in range(2_200):
            await feed.append([])
        assert not await feed.has(first)
        assert len(await feed.read(BEGINNING, 10_000)) < 2_000
