"""A store that lost its last writes, as a restart from a snapshot does, while instances keep working."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from postdate.adapters.redis.claim_store import RedisClaimStore
from postdate.adapters.redis.lease_lock import RedisLeaseLock
from postdate.adapters.redis.message_writer import RedisMessageWriter
from postdate.adapters.redis.scripts.claim_scripts import ClaimScripts
from postdate.adapters.redis.scripts.lease_scripts import LeaseScripts
from postdate.adapters.redis.scripts.message_scripts import MessageScripts
from postdate.adapters.redis.store_targets import RedisStoreTargets
from postdate.domain.errors import LeaseLostError
from postdate.domain.retention import DEFAULT_RETENTION
from tests.contracts.world import FIRST, StoreWorld, ids_of

from .conftest import names_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from postdate.domain.lease import Lease
    from postdate.domain.messages.message import Message

LONG = timedelta(minutes=1)


class _Store:
    """The keys of one partition on a server whose clock runs, and a way back to an earlier state of them."""

    def __init__(self, redis: Redis, keys: KeySpace, world: StoreWorld) -> None:
        self.locks = RedisLeaseLock(LeaseScripts(redis), keys)
        targets = RedisStoreTargets(redis, keys, tagged=False)
        self.claims = RedisClaimStore(ClaimScripts(redis), keys, targets, DEFAULT_RETENTION)
        self._writer = RedisMessageWriter(MessageScripts(redis), keys, world.ids)
        self._world = world
        self._redis = redis
        self._names = names_of(keys[FIRST])

    async def lease(self, owner: str) -> Lease:
        return await self.locks.acquire(FIRST, owner, LONG)

    async def added(self) -> Message:
        message = self._world.message()
        await self._writer.add([message])
        return message

    async def snapshot(self) -> Mapping[str, bytes | None]:
        return {name: await self._redis.dump(name) for name in self._names}

    async def go_back_to(self, snapshot: Mapping[str, bytes | None]) -> None:
        await self._redis.unlink(*self._names)
        for name, dumped in snapshot.items():
            if dumped is not None:
                await self._redis.restore(name, 0, dumped)


@pytest.fixture
async def store(redis: Redis, keys: KeySpace, world: StoreWorld) -> _Store:
    return _Store(redis, keys, world)


async def _two_leases_across_a_loss(store: _Store) -> tuple[Lease, Lease]:
    """Returns the lost lease of one live instance, and the lease that another was granted after the loss."""
    await store.lease("earlier")
    snapshot = await store.snapshot()
    lost = await store.lease("one")
    await store.go_back_to(snapshot)
    return lost, await store.lease("other")


async def test_no_token_is_granted_twice(store: _Store) -> None:
    earlier = await store.lease("earlier")
    snapshot = await store.snapshot()
    before = [await store.lease(owner) for owner in ("one", "other")]
    await store.go_back_to(snapshot)
    after = [await store.lease(owner) for owner in ("one", "other")]
    tokens = [lease.token for lease in (earlier, *before, *after)]
    assert tokens == sorted(set(tokens))


async def test_a_lease_that_was_lost_is_not_renewed_and_claims_nothing(store: _Store) -> None:
    lost, other = await _two_leases_across_a_loss(store)
    message = await store.added()
    assert not await store.locks.renew(lost)
    with pytest.raises(LeaseLostError):
        await store.claims.claim_due(lost, 1)
    assert ids_of((await store.claims.claim_due(other, 1)).messages) == [message.id]


async def test_nothing_is_left_of_a_lease_that_an_instance_of_an_earlier_version_ended(
    store: _Store, redis: Redis, keys: KeySpace
) -> None:
    ended = await store.lease("one")
    ask: Any = redis.execute_command
    await ask("ZREM", keys[FIRST].leases, ended.token)
    await ask("HDEL", keys[FIRST].owners, ended.token)
    lease = await store.lease("other")
    assert await ask("HKEYS", keys[FIRST].grants) == [str(lease.token).encode()]


async def test_an_instance_that_stops_gives_back_no_claim_of_another(store: _Store) -> None:
    lost, other = await _two_leases_across_a_loss(store)
    message = await store.added()
    claimed: list[Message] = []
    with suppress(LeaseLostError):
        claimed += (await store.claims.claim_due(lost, 1)).messages
    claimed += (await store.claims.claim_due(other, 1)).messages
    await store.locks.release(lost)
    claimed += (await store.claims.claim_due(await store.lease("third"), 1)).messages
    assert ids_of(claimed) == [message.id]
