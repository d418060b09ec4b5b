"""The cost of finding messages, in commands that the server counts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.domain.messages.query import Position, Query
from tests.contracts.world import FIRST, MS, NOW, StoreWorld
from tests.integration.redis.conftest import world_on

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace

STORED, RARE = 100_000, 3
BATCH = 1_000
HOUR = timedelta(hours=1)


@pytest.fixture
async def full(redis: Redis, keys: KeySpace) -> StoreWorld:
    """A partition with many messages, nearly all due at the same time. Three have a label, three are due later."""
    world = world_on(redis, keys)
    for _ in range(STORED // BATCH):
        await world.writer.add([world.message() for _ in range(BATCH)])
    await world.writer.add([world.message(labels=("rare",)) for _ in range(RARE)])
    await world.writer.add([world.message(HOUR) for _ in range(RARE)])
    return world


async def commands_of(redis: Redis, world: StoreWorld, query: Query, after: Position | None = None) -> int:
    """Returns how many commands the server runs to find up to a hundred messages."""
    before = await _commands(redis)
    page = await world.store.find(FIRST, query, after, 100)
    assert len(page.messages) in {RARE, 100}
    return await _commands(redis) - before


async def _commands(redis: Redis) -> int:
    statistics = await redis.info("commandstats")
    return sum(
        int(figures["calls"])
        for name, figures in statistics.items()
        if name.removeprefix("cmdstat_") in {"hget", "zscore", "zrange", "zcount"}
    )


@pytest.mark.parametrize("server_url", ["the usual server"], indirect=True)
async def test_the_cost_grows_with_the_messages_found_and_not_with_those_stored(
    full: StoreWorld, redis: Redis
) -> None:
    now = full.clock.now()
    assert await commands_of(redis, full, Query(label="rare")) < 10 * RARE
    assert await commands_of(redis, full, Query(due_after=now + MS)) < 10 * RARE
    assert await commands_of(redis, full, Query(label="rare", due_before=now + MS)) < 10 * RARE
    middle = Position(due_at=now + NOW, message_id=full.ids.next(now)[:6])
    assert await commands_of(redis, full, Query()) < 5 * 100
    assert await commands_of(redis, full, Query(), middle) < 5 * 100


@pytest.mark.parametrize("server_url", ["the usual server"], indirect=True)
async def test_the_cost_of_an_empty_page_is_bounded_and_the_page_has_a_next_one(
    full: StoreWorld, redis: Redis
) -> None:
    before = await _commands(redis)
    page = await full.store.find(FIRST, Query(to="nowhere"), None, 100)
    assert await _commands(redis) - before < 5 * 1000
    assert page.messages == []
    assert page.next is not None


async def test_a_page_of_large_messages_ends_short(world: StoreWorld) -> None:
    body = b'"' + b"x" * 1_000_000 + b'"'
    for _ in range(8):
        await world.writer.add([world.message(body=body)])
    page = await world.store.find(FIRST, Query(), None, 100)
    assert 4 <= len(page.messages) < 8
    rest = await world.store.find(FIRST, Query(), page.next, 100)
    assert len(page.messages) + len(rest.messages) == 8
