from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from postdate.adapters.redis.event_feed import LISTENER_LIFETIME_MS, STREAM_LIFETIME_SECONDS, RedisEventFeed
from postdate.application.ports.event_feed import BEGINNING
from tests.contracts.event_feed import EventFeedContract, event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace


@pytest.fixture
async def feed(redis: Redis, keys: KeySpace) -> AsyncIterator[RedisEventFeed]:
    yield RedisEventFeed(redis, keys)
    await redis.unlink(keys.events, keys.listening)


class TestRedisEventFeed(EventFeedContract):
    pass


async def test_the_stream_and_the_listener_expire(feed: RedisEventFeed, redis: Redis, keys: KeySpace) -> None:
    await feed.listen()
    assert 0 < await redis.pttl(keys.listening) <= LISTENER_LIFETIME_MS
    assert 0 < await redis.ttl(keys.events) <= STREAM_LIFETIME_SECONDS


async def test_an_entry_that_cannot_be_decoded_is_read_as_a_gap(
    feed: RedisEventFeed, redis: Redis, keys: KeySpace
) -> None:
    execute: Any = redis.execute_command
    for field, content in ((b"e", b"\xc1"), (b"of another version", b"1")):
        await execute("XADD", keys.events, "*", field, content)
    await feed.append([event()])
    assert [len(entry.events) for entry in await feed.read(BEGINNING, 10)] == [0, 0, 1]
