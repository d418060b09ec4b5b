"""Measures how much memory a pending message takes in the store.

The limit is a hash per message and a sorted set.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from .figure import Figure
from .world import World, new_world

if TYPE_CHECKING:
    from collections.abc import Sequence

MESSAGES, TARGET_BYTES = 100_000, 300
BODY = b'"' + b"x" * 98 + b'"'


async def measure(url: str) -> Sequence[Figure]:
    """Fills a namespace with messages of 100-byte bodies, and asks the server for its memory usage."""
    async with new_world(url) as world:
        postdate_bytes = await _bytes_per_message(world, plain=False)
    async with new_world(url) as world:
        plain_bytes = await _bytes_per_message(world, plain=True)
    return [
        Figure(
            name="memory of a pending message with a 100-byte body",
            value=postdate_bytes,
            unit="bytes",
            target=f"≤ {TARGET_BYTES}",
            reached=postdate_bytes <= TARGET_BYTES,
            compared_with="a hash per message, and a sorted set",
            limit=plain_bytes,
        )
    ]


async def _bytes_per_message(world: World, *, plain: bool) -> float:
    before = await _used_bytes(world)
    later = datetime.now(UTC) + timedelta(days=1)
    messages = [world.message(BODY, later + timedelta(milliseconds=number)) for number in range(MESSAGES)]
    if plain:
        await _fill_plainly(world, [message.id for message in messages])
    else:
        await world.fill(messages)
    return (await _used_bytes(world) - before) / MESSAGES


async def _used_bytes(world: World) -> int:
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
