"""A record that this version cannot decode does not affect other messages."""

from __future__ import annotations

import logging
import struct
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.records.message_record import encode_message
from postdate.domain.errors import UnreadableMessageError
from tests.contracts.world import FIRST, TTL, StoreWorld, ids_of

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from postdate.domain.ids import MessageId
    from postdate.domain.messages.message import Message

HEAD = struct.Struct(">BBHq")
JUNK = {
    "nothing": b"",
    "less than a head": b"\x01\x00\x00",
    "a head alone": HEAD.pack(1, 0, 0, 0),
    "text": b"this was never a record",
    "a later version": HEAD.pack(2, 0, 0, 0) + b"\x92\xc4\x01\x30\x00",
    "a time after the calendar": HEAD.pack(1, 0, 0, 2**62) + b"\x92\xc4\x01\x30\x00",
    "a time before the calendar": HEAD.pack(1, 0, 0, -(2**62)) + b"\x92\xc4\x01\x30\x00",
    "a tail of another kind": HEAD.pack(1, 0, 0, 0) + b"\xc0",
    "bytes of all ones": b"\xff" * 100,
}

pytestmark = pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)


@pytest.fixture
async def with_junk(world: StoreWorld, redis: Redis, keys: KeySpace, junk: bytes) -> list[Message]:
    """Three due messages. The record of the second one is junk."""
    messages = await world.all_added(3)
    await write(redis, keys, messages[1].id, junk)
    return messages


async def write(redis: Redis, keys: KeySpace, message_id: MessageId, record: bytes) -> None:
    await redis.execute_command("HSET", keys[FIRST].messages, message_id, record)  # type: ignore[no-untyped-call]  # untyped in the driver


async def dead_in(redis: Redis, keys: KeySpace) -> list[str]:
    ids: list[bytes] = await redis.execute_command("ZRANGE", keys[FIRST].dead, 0, -1)  # type: ignore[no-untyped-call]  # untyped in the driver
    return [message_id.decode() for message_id in ids]


async def test_an_unreadable_record_is_logged(
    world: StoreWorld, with_junk: list[Message], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "postdate.redis"):
        await world.claim(await world.lease())
    assert with_junk[1].id in caplog.text


async def test_an_unreadable_message_can_be_neither_read_nor_changed(
    world: StoreWorld, with_junk: list[Message]
) -> None:
    with pytest.raises(UnreadableMessageError, match=with_junk[1].id):
        await world.store.get(with_junk[1].id)
    with pytest.raises(UnreadableMessageError):
        await world.store.change(with_junk[1].id, lambda message: message)


async def test_a_claim_moves_an_unreadable_record_to_dead_and_returns_the_others(
    world: StoreWorld, redis: Redis, keys: KeySpace, with_junk: list[Message], junk: bytes
) -> None:
    first, unreadable, third = with_junk
    lease = await world.lease()
    assert await world.claim(lease) == [world.held(first), world.held(third)]
    assert await dead_in(redis, keys) == [unreadable.id]
    assert await redis.execute_command("HGET", keys[FIRST].messages, unreadable.id) == junk  # type: ignore[no-untyped-call]  # untyped in the driver
    assert await redis.zscore(keys[FIRST].claims, unreadable.id) is None
    settled = [world.held(message).delivered(world.clock.now()) for message in (first, third)]
    assert await world.claims.settle(lease, settled) == frozenset()
    assert (await world.claims.claim_due(lease, 10)).next_due is None


async def test_an_unreadable_record_that_is_taken_over_is_moved_to_dead_by_the_next_owner(
    world: StoreWorld, redis: Redis, keys: KeySpace, with_junk: list[Message], junk: bytes
) -> None:
    first, unreadable, third = with_junk
    lost = await world.lease("lost")
    await write(redis, keys, unreadable.id, encode_message(unreadable))
    await world.claim(lost)
    await write(redis, keys, unreadable.id, junk)
    world.go_on(TTL)
    later = await world.added(TTL)
    heir = await world.lease("heir")
    assert ids_of(await world.claim(heir)) == [first.id, third.id]
    assert await dead_in(redis, keys) == [unreadable.id]
    assert (await world.claims.claim_due(heir, 10)).next_due == later.due_at


async def test_an_unreadable_record_that_is_given_back_is_moved_to_dead_by_the_next_owner(
    world: StoreWorld, redis: Redis, keys: KeySpace, with_junk: list[Message], junk: bytes
) -> None:
    first, unreadable, third = with_junk
    stopping = await world.lease("stopping")
    await write(redis, keys, unreadable.id, encode_message(unreadable))
    await world.claim(stopping)
    await write(redis, keys, unreadable.id, junk)
    assert await world.locks.release(stopping) == 3
    heir = await world.lease("heir")
    assert ids_of(await world.claim(heir)) == [first.id, third.id]
    assert await dead_in(redis, keys) == [unreadable.id]
    assert (await world.claims.partition_state(FIRST)).next_due is None
