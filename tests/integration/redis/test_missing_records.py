"""An id in due order whose record was deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contracts.world import FIRST, StoreWorld, ids_of

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace


async def test_a_message_without_a_record_does_not_affect_the_others(
    world: StoreWorld, redis: Redis, keys: KeySpace
) -> None:
    first, gone, third = await world.all_added(3)
    await redis.execute_command("HDEL", keys[FIRST].messages, gone.id)  # type: ignore[no-untyped-call]  # untyped in the driver
    assert await world.store.get(gone.id) is None
    assert await world.cancel(gone.id) is None
    lease = await world.lease()
    assert ids_of(await world.claim(lease)) == [first.id, third.id]
    assert await world.locks.release(lease) == 2
    assert ids_of(await world.claim(await world.lease())) == [first.id, third.id]
