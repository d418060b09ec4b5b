"""The cost of a change on a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contracts.world import FIRST, TTL

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from tests.contracts.world import StoreWorld


async def test_a_change_that_changes_nothing_writes_no_mark_without_a_durability_to_wait_for(
    world: StoreWorld, redis: Redis, keys: KeySpace
) -> None:
    message = await world.added(TTL)
    cancelled = await world.cancel(message.id)
    assert await world.cancel(message.id) == cancelled
    assert not await redis.exists(keys[FIRST].mark)
