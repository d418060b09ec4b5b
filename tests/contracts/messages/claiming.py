from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from postdate.domain.errors import LeaseLostError
from postdate.domain.lease import Lease
from postdate.domain.messages.status import Status
from tests.contracts.world import FIRST, MS, NOW, TTL, StoreWorld, ids_of

SECOND = timedelta(seconds=1)


class Claiming:
    async def test_messages_are_claimed_in_due_order_and_not_in_the_order_of_adding(
        self, world: StoreWorld
    ) -> None:
        late, early, middle = world.message(-MS), world.message(-3 * MS), world.message(-2 * MS)
        await world.writer.add([late, early])
        await world.writer.add([middle])
        assert ids_of(await world.claim(await world.lease())) == ids_of([early, middle, late])

    async def test_messages_of_the_same_millisecond_are_claimed_in_the_order_of_their_ids(
        self, world: StoreWorld
    ) -> None:
        messages = world.messages(100)
        await world.writer.add(messages[50:])
        await world.writer.add(messages[:50][::-1])
        assert ids_of(await world.claim(await world.lease())) == ids_of(messages)

    async def test_due_times_before_1970_come_before_later_ones(self, world: StoreWorld) -> None:
        years = (1, 1969, 1970, 1999)
        messages = [
            replace(world.message(), at=due_at, due_at=due_at)
            for due_at in (datetime(year, 6, 1, tzinfo=UTC) for year in reversed(years))
        ]
        await world.writer.add(messages)
        claimed = await world.claim(await world.lease())
        assert [message.due_at.year for message in claimed] == list(years)
        assert claimed == [world.held(message) for message in reversed(messages)]

    async def test_a_message_can_be_claimed_from_the_millisecond_of_its_due_time(self, world: StoreWorld) -> None:
        message, lease = await world.added(SECOND), await world.lease()
        world.go_on(SECOND - MS)
        assert await world.claim(lease) == []
        world.go_on(MS)
        assert await world.claim(lease) == [world.held(message)]

    async def test_a_claim_does_not_count_as_an_attempt_yet(self, world: StoreWorld) -> None:
        message = await world.added()
        (claimed,) = await world.claim(await world.lease())
        assert (claimed.status, claimed.attempts) == (Status.DELIVERING, 0)
        assert await world.store.get(message.id) == claimed == world.held(message)

    @pytest.mark.parametrize("limit", [0, 1, 2, 3, 4])
    async def test_a_claim_returns_at_most_its_limit(self, world: StoreWorld, limit: int) -> None:
        messages = await world.all_added(3)
        assert ids_of(await world.claim(await world.lease(), limit)) == ids_of(messages[:limit])

    async def test_a_claim_continues_where_the_previous_one_ended(self, world: StoreWorld) -> None:
        messages, lease = await world.all_added(1_100), await world.lease()
        claims = [await world.claim(lease) for _ in range(4)]
        assert [len(claim) for claim in claims] == [500, 500, 100, 0]
        assert [message.id for claim in claims for message in claim] == ids_of(messages)

    async def test_a_message_claimed_under_a_live_lease_is_not_claimed_again(self, world: StoreWorld) -> None:
        one, other = await world.lease("one"), await world.lease("other")
        await world.claimed(one)
        assert await world.claim(other) == []
        assert await world.claim(one) == []

    async def test_two_owners_never_claim_the_same_message(self, world: StoreWorld) -> None:
        messages = await world.all_added(10)
        one, other = await world.lease("one"), await world.lease("other")
        had_by_one, had_by_other = await world.claim(one, 6), await world.claim(other, 6)
        assert ids_of(had_by_one + had_by_other) == ids_of(messages)

    async def test_a_claim_is_held_as_long_as_its_lease_is_renewed(self, world: StoreWorld) -> None:
        one = await world.lease("one")
        message = await world.claimed(one)
        for _ in range(10):
            world.go_on(TTL - MS)
            assert await world.locks.renew(one)
            assert await world.claim(await world.lease("other")) == []
        assert await world.now_in_store(message) == message

    async def test_a_claim_returns_when_the_next_message_is_due(self, world: StoreWorld) -> None:
        lease = await world.lease()
        await world.all_added(2)
        later = await world.added(SECOND)
        assert (await world.claims.claim_due(lease, 1)).next_due == world.clock.now()
        assert (await world.claims.claim_due(lease, 1)).next_due == later.due_at
        assert (await world.claims.claim_due(lease, 1)).next_due == later.due_at

    async def test_a_claim_of_the_last_message_returns_no_next_due_time(self, world: StoreWorld) -> None:
        await world.added()
        claimed = await world.claims.claim_due(await world.lease(), 1)
        assert len(claimed.messages) == 1
        assert claimed.next_due is None

    async def test_a_claim_returns_its_time_by_the_stores_clock(self, world: StoreWorld) -> None:
        lease = await world.lease()
        world.go_on(timedelta(milliseconds=7))
        assert (await world.claims.claim_due(lease, 1)).now == world.clock.now()

    async def test_a_claim_returns_when_the_first_lease_of_another_owner_expires(self, world: StoreWorld) -> None:
        lease = await world.lease(ttl=MS * 100)
        assert (await world.claims.claim_due(lease, 1)).next_expiry is None
        started_at = world.clock.now()
        await world.lease("third", ttl=3 * SECOND)
        second = await world.lease("second", ttl=2 * SECOND)
        assert (await world.claims.claim_due(lease, 1)).next_expiry == started_at + 2 * SECOND
        assert (await world.claims.claim_due(second, 1)).next_expiry == started_at + 100 * MS
        await world.locks.release(second)
        assert (await world.claims.claim_due(lease, 1)).next_expiry == started_at + 3 * SECOND

    async def test_a_lease_can_claim_until_the_millisecond_before_it_expires(self, world: StoreWorld) -> None:
        lease = await world.lease()
        world.go_on(TTL - MS)
        await world.claims.claim_due(lease, 1)
        world.go_on(MS)
        with pytest.raises(LeaseLostError) as lost:
            await world.claims.claim_due(lease, 1)
        assert (lost.value.owner, lost.value.token) == (lease.owner, lease.token)

    async def test_an_expired_lease_claims_nothing(self, world: StoreWorld) -> None:
        lease, message = await world.lease(), await world.added()
        world.go_on(TTL)
        with pytest.raises(LeaseLostError):
            await world.claims.claim_due(lease, 1)
        assert await world.now_in_store(message) == message
        assert await world.claim(await world.lease("other")) == [world.held(message)]

    async def test_a_released_lease_claims_nothing(self, world: StoreWorld) -> None:
        lease = await world.lease()
        await world.locks.release(lease)
        await world.added()
        with pytest.raises(LeaseLostError):
            await world.claims.claim_due(lease, 1)

    async def test_a_lease_that_was_never_granted_claims_nothing(self, world: StoreWorld) -> None:
        await world.added()
        with pytest.raises(LeaseLostError):
            await world.claims.claim_due(Lease(partition=FIRST, owner="nobody", token=99, ttl=TTL), 1)

    async def test_a_message_that_waits_for_a_retry_is_not_claimed_before(self, world: StoreWorld) -> None:
        lease = await world.lease(ttl=10 * SECOND)
        claimed = await world.claimed(lease)
        retried = claimed.retried(world.failure(), world.clock.now() + SECOND)
        await world.claims.settle(lease, [retried])
        between = await world.added(NOW)
        assert ids_of(await world.claim(lease)) == [between.id]
        world.go_on(SECOND)
        assert await world.claim(lease) == [world.held(retried)]
