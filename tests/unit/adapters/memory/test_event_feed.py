from __future__ import annotations

import pytest

from postdate.adapters.memory.clock import ManualClock
from postdate.adapters.memory.event_feed import LISTENER_LIFETIME, MemoryEventFeed
from tests.contracts.event_feed import EventFeedContract


@pytest.fixture
def feed() -> MemoryEventFeed:
    return MemoryEventFeed(ManualClock())


class TestMemoryEventFeed(EventFeedContract):
    pass


async def test_a_listener_counts_for_a_minute() -> None:
    clock = ManualClock()
    feed = MemoryEventFeed(clock)
    await feed.listen()
    clock.advance(LISTENER_LIFETIME)
    assert not await feed.has_listeners()
