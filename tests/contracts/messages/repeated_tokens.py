"""A store that lost its last writes may grant a fencing token again, to another owner."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from postdate.domain.errors import LeaseLostError
from postdate.domain.lease import Role
from postdate.domain.messages.status import Status
from postdate.domain.messages.store_target import store_target_of
from tests.contracts.world import FIRST, MS, StoreWorld

if TYPE_CHECKING:
    from postdate.domain.lease import Lease

STREAM = f"stream:place-{uuid4().hex}"


class RepeatedTokens:
    async def test_a_lease_whose_token_another_owner_has_is_not_renewed(self, world: StoreWorld) -> None:
        lost, holder = await _twice_granted(world)
        assert not await world.locks.renew(lost)
        assert await world.locks.renew(holder)

    async def test_a_lease_whose_token_another_owner_has_claims_nothing(self, world: StoreWorld) -> None:
        lost, holder = await _twice_granted(world)
        message = await world.added()
        with pytest.raises(LeaseLostError):
            await world.claims.claim_due(lost, 1)
        assert await world.claim(holder) == [world.held(message)]

    async def test_a_lease_whose_token_another_owner_has_settles_nothing(self, world: StoreWorld) -> None:
        lost, holder = await _twice_granted(world)
        message = await world.claimed(holder)
        for late in (message.delivered(world.clock.now()), message.died(world.failure()), message.given_back()):
            assert await world.claims.settle(lost, [late]) == {message.id}
        assert await world.now_in_store(message) == message
        assert await world.claims.settle(holder, [message.delivered(world.clock.now())]) == frozenset()

    async def test_a_lease_whose_token_another_owner_has_publishes_nothing(self, world: StoreWorld) -> None:
        lost, holder = await _twice_granted(world)
        await world.writer.add([world.message(to=STREAM)])
        (message,) = await world.claim(holder)
        assert await world.claims.settle(lost, [message.delivered(world.clock.now())]) == {message.id}
        target = store_target_of(STREAM)
        assert target is not None
        assert await world.take_bodies(target) == []
        assert (await world.now_in_store(message)).status is Status.DELIVERING

    async def test_a_lease_whose_token_another_owner_has_gives_nothing_back(self, world: StoreWorld) -> None:
        lost, holder = await _twice_granted(world)
        message = await world.claimed(holder)
        assert await world.claims.give_back_unacknowledged(lost, []) == 0
        assert await world.locks.release(lost) == 0
        assert await world.now_in_store(message) == message
        assert await world.locks.renew(holder)

    async def test_a_lease_whose_token_another_owner_has_acquires_no_role(self, world: StoreWorld) -> None:
        lost, holder = await _twice_granted(world)
        with pytest.raises(LeaseLostError):
            await world.locks.acquire_role(lost, Role.LEADER)
        assert await world.locks.acquire_role(holder, Role.LEADER)
        with pytest.raises(LeaseLostError):
            await world.locks.acquire_role(lost, Role.LEADER)
        await world.locks.resign_role(lost, Role.LEADER)
        assert Role.LEADER in (await world.claims.partition_state(FIRST)).roles

    async def test_a_token_is_not_granted_again_once_the_clock_has_moved(self, world: StoreWorld) -> None:
        lost = await world.lease("lost")
        await world.lose_leases()
        world.go_on(MS)
        assert (await world.lease("heir")).token > lost.token


async def _twice_granted(world: StoreWorld) -> tuple[Lease, Lease]:
    """Returns a lease that the store has lost, and the lease to which it granted the same token afterwards."""
    lost = await world.lease("lost")
    await world.lose_leases()
    holder = await world.lease("holder")
    assert holder.token == lost.token
    return lost, holder
