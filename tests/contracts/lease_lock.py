"""The contract of a lease lock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from postdate.application.ports.lease_lock import Renewal
from postdate.domain.errors import LeaseLostError
from postdate.domain.lease import Lease, Role
from tests.contracts.world import FIRST, FIRST_OF_TWO_DIGITS, MS, TTL, StoreWorld, ids_of

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class LeaseLockContract:
    """Needs a fixture `world: StoreWorld`."""

    async def test_a_lease_says_what_was_granted(self, world: StoreWorld) -> None:
        lease = await world.locks.acquire(FIRST, "one", TTL)
        assert lease == Lease(partition=FIRST, owner="one", token=lease.token, ttl=TTL, nonce=lease.nonce)

    async def test_tokens_only_grow_whatever_became_of_earlier_leases(self, world: StoreWorld) -> None:
        tokens = []
        for end in (world.locks.release, world.locks.renew, None, world.locks.release):
            lease = await world.lease()
            tokens.append(lease.token)
            if end is not None:
                await end(lease)
            world.go_on(TTL)
            await world.claim(await world.lease("other"))
        tokens.append((await world.lease()).token)
        assert tokens == sorted(set(tokens))

    async def test_an_owner_may_hold_several_leases_told_apart_by_their_tokens(self, world: StoreWorld) -> None:
        first, second = await world.lease("one"), await world.lease("one")
        claimed = await world.claimed(first)
        assert await world.locks.release(second) == 0
        assert await world.locks.renew(first)
        assert await world.claims.settle(first, [claimed.given_back()]) == frozenset()

    async def test_a_renewed_lease_lives_for_its_ttl_from_now(self, world: StoreWorld) -> None:
        lease = await world.lease()
        world.go_on(TTL - MS)
        assert await world.locks.renew(lease) is Renewal.EXTENDED
        world.go_on(TTL - MS)
        assert await world.locks.renew(lease) is Renewal.EXTENDED

    async def test_a_lease_that_ran_out_claims_nothing(self, world: StoreWorld) -> None:
        lease = await world.lease()
        world.go_on(TTL)
        with pytest.raises(LeaseLostError):
            await world.claims.claim_due(lease, 1)

    @pytest.mark.parametrize("late_by", [timedelta(), MS, 100 * MINUTE])
    async def test_a_lease_that_ran_out_is_revived_if_nobody_took_its_claims_over(
        self, world: StoreWorld, late_by: timedelta
    ) -> None:
        lease = await world.lease()
        message = await world.claimed(lease)
        world.go_on(TTL + late_by)
        assert await world.locks.renew(lease) is Renewal.REVIVED
        claimed = await world.claims.claim_due(await world.lease("other"), 10)
        assert (claimed.messages, claimed.taken_over) == ([], 0)
        world.go_on(TTL - MS)
        assert await world.locks.renew(lease) is Renewal.EXTENDED
        assert await world.claims.settle(lease, [message.delivered(world.clock.now())]) == frozenset()

    async def test_a_revived_lease_has_only_the_roles_that_nobody_acquired_meanwhile(
        self, world: StoreWorld
    ) -> None:
        lease, other = await world.lease(), await world.lease("other", ttl=MINUTE)
        for role in Role:
            await world.locks.acquire_role(lease, role)
        world.go_on(TTL)
        await world.locks.acquire_role(other, Role.LEADER)
        await world.locks.renew(lease)
        assert not await world.locks.acquire_role(lease, Role.LEADER)
        assert not await world.locks.acquire_role(other, Role.STANDBY)

    async def test_a_lease_that_was_taken_over_or_released_is_not_renewed(self, world: StoreWorld) -> None:
        lost, released = await world.lease("lost"), await world.lease("released", ttl=MINUTE)
        world.go_on(TTL)
        await world.claim(await world.lease("heir"))
        await world.locks.release(released)
        assert await world.locks.renew(lost) is Renewal.LOST
        assert await world.locks.renew(released) is Renewal.LOST

    async def test_tokens_grow_even_if_the_clock_goes_back(self, world: StoreWorld) -> None:
        before = await world.lease()
        world.clock.shift_wall(-HOUR)
        after = [await world.lease() for _ in range(25)]
        tokens = [before.token, *(lease.token for lease in after)]
        assert tokens == sorted(set(tokens))

    @pytest.mark.parametrize("call", ["acquire", "renew"])
    async def test_a_clock_that_goes_back_prolongs_no_lease_of_a_dead_owner(
        self, world: StoreWorld, call: str
    ) -> None:
        dead, alive = await world.lease("dead"), await world.lease("alive", ttl=MINUTE)
        await world.claimed(dead)
        await world.locks.acquire_role(dead, Role.LEADER)
        world.clock.shift_wall(-HOUR)
        await (world.locks.renew(alive) if call == "renew" else world.lease("another"))
        world.go_on(TTL - MS)
        assert (await world.claims.claim_due(alive, 10)).taken_over == 0
        assert not await world.locks.acquire_role(alive, Role.LEADER)
        world.go_on(MS)
        assert (await world.claims.claim_due(alive, 10)).taken_over == 1
        assert await world.locks.acquire_role(alive, Role.LEADER)

    @pytest.mark.parametrize("back", [timedelta(), HOUR])
    async def test_a_lease_keeps_its_own_time_to_live_however_short_those_of_others_are(
        self, world: StoreWorld, back: timedelta
    ) -> None:
        long, short = await world.lease("long", ttl=MINUTE), await world.lease("short")
        world.clock.shift_wall(-back)
        await world.locks.renew(short)
        world.go_on(MINUTE - MS)
        assert await world.locks.renew(long) is Renewal.EXTENDED

    async def test_release_returns_claims_to_due_order_without_counting_an_attempt(
        self, world: StoreWorld
    ) -> None:
        early, message, twin = world.message(-MS), world.message(), world.message()
        await world.writer.add([message])
        lease = await world.lease()
        (claimed,) = await world.claim(lease)
        await world.writer.add([early, twin])
        assert await world.locks.release(lease) == 1
        assert await world.now_in_store(claimed) == message
        assert await world.claim(await world.lease("other")) == [world.held(it) for it in (early, message, twin)]

    async def test_release_gives_back_only_its_own_claims(self, world: StoreWorld) -> None:
        one, other = await world.lease("one"), await world.lease("other")
        settled, kept, had_by_other = (
            await world.claimed(one),
            await world.claimed(one),
            await world.claimed(other),
        )
        await world.claims.settle(one, [settled.delivered(world.clock.now())])
        assert await world.locks.release(one) == 1
        assert ids_of(await world.claim(await world.lease("third"))) == [kept.id]
        assert await world.claims.settle(other, [had_by_other.delivered(world.clock.now())]) == frozenset()

    async def test_release_gives_back_any_number(self, world: StoreWorld) -> None:
        messages, lease = await world.all_added(1_500), await world.lease()
        while await world.claim(lease):
            pass
        assert await world.locks.release(lease) == 1_500
        assert ids_of(await world.claim(await world.lease("other"))) == ids_of(messages[:500])

    async def test_releasing_twice_does_no_harm(self, world: StoreWorld) -> None:
        lease = await world.lease("one")
        message = await world.claimed(lease)
        await world.locks.release(lease)
        heir = await world.lease("heir")
        await world.claim(heir)
        await world.locks.acquire_role(heir, Role.LEADER)
        assert await world.locks.release(lease) == 0
        assert await world.claims.settle(heir, [message.delivered(world.clock.now())]) == frozenset()
        assert Role.LEADER in (await world.claims.partition_state(FIRST)).roles

    async def test_releasing_a_lease_that_was_taken_over_does_no_harm(self, world: StoreWorld) -> None:
        lost = await world.lease("lost")
        await world.claimed(lost)
        world.go_on(TTL)
        heir = await world.lease("heir")
        (claimed,) = await world.claim(heir)
        assert await world.locks.release(lost) == 0
        assert await world.now_in_store(claimed) == claimed

    async def test_a_role_is_acquired_by_one_lease_at_a_time(self, world: StoreWorld) -> None:
        one, other = await world.lease("one"), await world.lease("other")
        assert await world.locks.acquire_role(one, Role.LEADER)
        assert not await world.locks.acquire_role(other, Role.LEADER)

    async def test_roles_of_a_partition_are_independent(self, world: StoreWorld) -> None:
        one, other = await world.lease("one"), await world.lease("other")
        assert await world.locks.acquire_role(one, Role.LEADER)
        assert await world.locks.acquire_role(other, Role.STANDBY)
        elsewhere = await world.lease("other", partition=FIRST_OF_TWO_DIGITS)
        assert await world.locks.acquire_role(elsewhere, Role.LEADER)

    async def test_a_role_can_be_acquired_again_by_its_holder(self, world: StoreWorld) -> None:
        lease = await world.lease()
        assert await world.locks.acquire_role(lease, Role.LEADER)
        assert await world.locks.acquire_role(lease, Role.LEADER)

    async def test_a_role_is_held_until_its_lease_expires(self, world: StoreWorld) -> None:
        holder, other = await world.lease("holder"), await world.lease("other", ttl=MINUTE)
        await world.locks.acquire_role(holder, Role.LEADER)
        world.go_on(TTL - MS)
        assert not await world.locks.acquire_role(other, Role.LEADER)
        world.go_on(MS)
        assert await world.locks.acquire_role(other, Role.LEADER)

    async def test_a_renewed_lease_keeps_its_role(self, world: StoreWorld) -> None:
        holder, other = await world.lease("holder"), await world.lease("other", ttl=MINUTE)
        await world.locks.acquire_role(holder, Role.LEADER)
        world.go_on(TTL - MS)
        await world.locks.renew(holder)
        world.go_on(TTL - MS)
        assert not await world.locks.acquire_role(other, Role.LEADER)

    async def test_a_released_lease_frees_its_roles(self, world: StoreWorld) -> None:
        holder, other = await world.lease("holder"), await world.lease("other")
        for role in Role:
            await world.locks.acquire_role(holder, role)
        await world.locks.release(holder)
        for role in Role:
            assert await world.locks.acquire_role(other, role)

    async def test_a_resigned_role_is_free(self, world: StoreWorld) -> None:
        holder, other = await world.lease("holder"), await world.lease("other")
        await world.locks.acquire_role(holder, Role.LEADER)
        await world.locks.acquire_role(holder, Role.STANDBY)
        await world.locks.resign_role(holder, Role.LEADER)
        assert await world.locks.acquire_role(other, Role.LEADER)
        assert not await world.locks.acquire_role(other, Role.STANDBY)

    async def test_a_role_can_be_resigned_by_its_holder_only(self, world: StoreWorld) -> None:
        holder, other = await world.lease("holder"), await world.lease("other")
        await world.locks.acquire_role(holder, Role.LEADER)
        await world.locks.resign_role(other, Role.LEADER)
        assert not await world.locks.acquire_role(other, Role.LEADER)

    async def test_resigning_a_free_role_does_no_harm(self, world: StoreWorld) -> None:
        lease = await world.lease()
        await world.locks.resign_role(lease, Role.LEADER)
        assert await world.locks.acquire_role(lease, Role.LEADER)

    async def test_a_past_holder_cannot_resign_the_role_of_its_successor(self, world: StoreWorld) -> None:
        lost = await world.lease("lost")
        await world.locks.acquire_role(lost, Role.LEADER)
        world.go_on(TTL)
        heir = await world.lease("heir")
        await world.locks.acquire_role(heir, Role.LEADER)
        await world.locks.resign_role(lost, Role.LEADER)
        assert Role.LEADER in (await world.claims.partition_state(FIRST)).roles

    async def test_an_expired_lease_acquires_no_role(self, world: StoreWorld) -> None:
        lease = await world.lease()
        world.go_on(TTL)
        with pytest.raises(LeaseLostError) as lost:
            await world.locks.acquire_role(lease, Role.LEADER)
        assert (lost.value.owner, lost.value.token) == (lease.owner, lease.token)
        assert (await world.claims.partition_state(FIRST)).roles == {}

    async def test_a_released_lease_acquires_no_role(self, world: StoreWorld) -> None:
        lease = await world.lease()
        await world.locks.release(lease)
        with pytest.raises(LeaseLostError):
            await world.locks.acquire_role(lease, Role.LEADER)
