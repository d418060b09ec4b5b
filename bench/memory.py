"""How much memory a pending message takes in the store, beside a hash of its own for each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from .figure import Figure
from .world import World, new_world

if TYPE_CHECKING:
    from collections.abc import Sequence

MESSAGES, TO_REACH_BYTES = 100_000, 300
BODY = b'"' + b"x" * 98 + b'"'


async def measure(url: str) -> Sequence[Figure]:
    """Fills a namespace with bodies of 100 bytes and asks the server what it uses."""
    async with new_world(url) as world:
        ours = await _growth(world, plain=False)
    async with new_world(url) as world:
        plain = await _growth(world, plain=True)
    return [
        Figure(
            name="memory of a pending message with a 100-byte body",
            value=ours,
            unit="bytes",
            target=f"≤ {TO_REACH_BYTES}",
            reached=ours <= TO_REACH_BYTES,
            beside="a hash for each message, and a sorted set",
            limit=plain,
        )
    ]


async def _growth(world: World, *, plain: bool) -> float:
    before = await _used(world)
    later = datetime.now(UTC) + timedelta(days=1)
    messages = [world.message(BODY, later + timedelta(milliseconds=number)) for number in range(MESSAGES)]
    if plain:
        await _fill_plainly(world, [message.id for message in messages])
    else:
        await world.fill(messages)
    return (await _used(world) - before) / MESSAGES


async def _used(world: World) -> int:
    return int((await world.redis.info("memory"))["used_memory"])


async def _fill_plainly(world: World, ids: Sequence[str]) -> None:
    for start in range(0, len(ids), 1000):
        async with world.redis.pipeline(transaction=False) as pipe:
            for number, message_id in enumerate(ids[start : start + 1000]):
                fields: dict[Any, Any] = {
                    "body": BODY,
                    "at": 1_800_000_000_000 + number,
                    "to": "console",
                    "status": "scheduled",
                }
                pipe.hset(f"{world.namespace}:message:{message_id}", mapping=fields)
                pipe.zadd(f"{world.namespace}:due", {message_id: 1_800_000_000_000 + number})
            await pipe.execute()
