"""The keys of labels: none is left behind in the store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from postdate.domain.retention import Retention
from tests.contracts.world import FIRST, StoreWorld

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace


async def label_keys(redis: Redis, keys: KeySpace) -> int:
    return int(await redis.exists(keys[FIRST].labels, keys[FIRST].label("a"), keys[FIRST].label("b")))


async def test_forgotten_messages_leave_no_label_keys(world: StoreWorld, redis: Redis, keys: KeySpace) -> None:
    lease = await world.lease()
    await world.writer.add([world.message(labels=("a", "b")) for _ in range(3)])
    delivered = [message.delivered(world.clock.now()) for message in await world.claim(lease)]
    await world.claims.settle(lease, delivered)
    assert await label_keys(redis, keys) == 3
    await world.with_retention(Retention(count=0)).claims.settle(lease, [])
    assert await label_keys(redis, keys) == 0


async def test_removed_labels_leave_no_label_keys(world: StoreWorld, redis: Redis, keys: KeySpace) -> None:
    message = world.message(labels=("a", "b"))
    await world.writer.add([message])
    await world.store.change(message.id, lambda message: replace(message, labels=()))
    assert await label_keys(redis, keys) == 0


async def test_a_message_without_labels_has_no_label_keys(world: StoreWorld, redis: Redis, keys: KeySpace) -> None:
    await world.claimed(await world.lease())
    await world.added()
    assert await label_keys(redis, keys) == 0
