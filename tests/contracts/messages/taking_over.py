from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.domain.lease import Role
from postdate.domain.messages.history import Attempt, AttemptResult, Claim
from tests.contracts.world import FIRST, MS, TTL, StoreWorld, ids_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from postdate.domain.lease import Lease
    from postdate.domain.messages.message import Message

SECOND = timedelta(seconds=1)
MORE_THAN_ONE_CALL_TAKES_OVER = 1_200


class TakingOver:
    async def test_a_claim_whose_lease_has_expired_can_be_claimed_again_and_counts_as_an_attempt(
        self, world: StoreWorld
    ) -> None:
        message = await world.claimed(await world.lease("lost"))
        world.go_on(TTL)
        taken_over = message.taken_over(world.clock.now())
        claimed = await world.claims.claim_due(await world.lease("heir"), 10)
        assert claimed.messages == [taken_over.claimed(Claim(at=world.clock.now(), instance="heir"))]
        assert claimed.taken_over == 1

    async def test_the_history_of_a_message_contains_each_lost_owner(self, world: StoreWorld) -> None:
        await world.added()
        for owner in ("one", "другий", "x" * 255):
            (message,) = await world.claim(await world.lease(owner))
            world.go_on(TTL)
        (message,) = await world.claim(await world.lease("heir"))
        lost = [entry for entry in message.history if isinstance(entry, Attempt)]
        assert [entry.claim.instance for entry in lost] == ["one", "другий", "x" * 255]
        assert {entry.result for entry in lost} == {AttemptResult.OWNER_LOST}
        assert [entry.at - entry.claim.at for entry in lost] == [TTL] * 3

    async def test_a_claim_stays_with_a_silent_owner_until_its_lease_expires(self, world: StoreWorld) -> None:
        await world.claimed(await world.lease("silent"))
        heir = await world.lease("heir", ttl=2 * TTL)
        world.go_on(TTL - MS)
        assert (await world.claims.claim_due(heir, 10)).taken_over == 0
        world.go_on(MS)
        assert (await world.claims.claim_due(heir, 10)).taken_over == 1

    async def test_messages_that_are_taken_over_return_to_due_order(self, world: StoreWorld) -> None:
        earlier, held, twin, later = [world.message(due_in) for due_in in (-2 * MS, -MS, -MS, MS)]
        await world.writer.add([earlier, held])
        lost = await world.lease("lost")
        assert len(await world.claim(lost)) == 2
        await world.claims.settle(lost, [world.held(earlier).given_back()])
        await world.writer.add([twin, later])
        world.go_on(TTL)
        assert ids_of(await world.claim(await world.lease("heir"))) == ids_of([earlier, held, twin, later])

    async def test_a_retried_message_that_is_taken_over_keeps_its_due_time(self, world: StoreWorld) -> None:
        lease = await world.lease("one", ttl=10 * SECOND)
        retried = (await world.claimed(lease)).retried(world.failure(), world.clock.now() + SECOND)
        await world.claims.settle(lease, [retried])
        world.go_on(SECOND)
        lost = await world.lease("lost")
        assert await world.claim(lost) == [world.held(retried)]
        world.go_on(TTL)
        taken_over = world.held(retried).taken_over(world.clock.now())
        assert await world.claim(lease) == [world.held(taken_over)]

    async def test_every_lost_owner_counts_as_an_attempt(self, world: StoreWorld) -> None:
        message = await world.added()
        for owners_lost in range(4):
            (claimed,) = await world.claim(await world.lease(f"owner {owners_lost}"))
            assert claimed == world.held(message)
            assert claimed.attempts == owners_lost
            world.go_on(TTL)
            message = claimed.taken_over(world.clock.now())

    async def test_a_claim_of_no_messages_takes_over_lost_claims(self, world: StoreWorld) -> None:
        message = await world.claimed(await world.lease("lost"))
        world.go_on(TTL)
        claimed = await world.claims.claim_due(await world.lease("heir"), 0)
        assert (claimed.taken_over, claimed.messages, claimed.next_due) == (1, [], message.due_at)
        assert await world.now_in_store(message) == message.taken_over(world.clock.now())

    async def test_only_claims_under_expired_leases_are_taken_over(self, world: StoreWorld) -> None:
        lost, alive = await world.lease("lost"), await world.lease("alive", ttl=2 * TTL)
        had_by_lost, had_by_alive = await world.claimed(lost), await world.claimed(alive)
        world.go_on(TTL)
        assert ids_of(await world.claim(await world.lease("heir"))) == [had_by_lost.id]
        assert await world.claims.settle(alive, [had_by_alive.delivered(world.clock.now())]) == frozenset()

    async def test_the_claims_of_several_lost_owners_are_taken_over_at_once(self, world: StoreWorld) -> None:
        messages = await world.all_added(6)
        for owner in ("one", "two", "three"):
            await world.claim(await world.lease(owner), 2)
        world.go_on(TTL)
        claimed = await world.claims.claim_due(await world.lease("heir"), 10)
        assert ids_of(claimed.messages) == ids_of(messages)
        assert claimed.taken_over == 6

    async def test_an_expired_lease_without_claims_is_removed(self, world: StoreWorld) -> None:
        await world.lease("lost")
        world.go_on(TTL)
        claimed = await world.claims.claim_due(await world.lease("heir"), 10)
        assert (claimed.taken_over, claimed.next_expiry) == (0, None)

    async def test_any_number_of_lost_claims_is_taken_over_once_each(self, world: StoreWorld) -> None:
        messages, lost = await world.all_added(MORE_THAN_ONE_CALL_TAKES_OVER), await world.lease("lost")
        while await world.claim(lost):
            pass
        world.go_on(TTL)
        heir = await world.lease("heir")
        claims = [await world.claims.claim_due(heir, 500) for _ in range(4)]
        assert sum(claimed.taken_over for claimed in claims) == MORE_THAN_ONE_CALL_TAKES_OVER
        claimed = [message for claim in claims for message in claim.messages]
        assert ids_of(claimed) == ids_of(messages)
        assert {message.attempts for message in claimed} == {1}

    async def test_a_claim_reports_whether_lost_claims_are_left(self, world: StoreWorld) -> None:
        await world.all_added(MORE_THAN_ONE_CALL_TAKES_OVER)
        lost = await world.lease("lost")
        while await world.claim(lost):
            pass
        world.go_on(TTL)
        heir = await world.lease("heir")
        left = MORE_THAN_ONE_CALL_TAKES_OVER
        while left:
            claimed = await world.claims.claim_due(heir, 500)
            left -= len(claimed.messages)
            pending = [
                at for at in (claimed.next_due, claimed.next_expiry) if at is not None and at <= claimed.now
            ]
            assert bool(pending) == bool(left)

    async def test_a_lost_owner_loses_its_roles(self, world: StoreWorld) -> None:
        lost = await world.lease("lost")
        await world.locks.acquire_role(lost, Role.LEADER)
        world.go_on(TTL)
        await world.claim(await world.lease("heir"))
        assert (await world.claims.partition_state(FIRST)).roles == {}

    async def test_a_settlement_counts_until_its_claims_are_taken_over(self, world: StoreWorld) -> None:
        slow = await world.lease("slow")
        delivered = (await world.claimed(slow)).delivered(world.clock.now() + TTL)
        world.go_on(TTL)
        assert await world.claims.settle(slow, [delivered]) == frozenset()
        claimed = await world.claims.claim_due(await world.lease("heir"), 10)
        assert (claimed.taken_over, claimed.messages) == (0, [])
        assert await world.store.get(delivered.id) == delivered

    async def test_a_late_settlement_does_not_change_a_message_that_is_due_again(self, world: StoreWorld) -> None:
        late, message = await _lost_by_a_late_owner(world)
        await world.claims.claim_due(await world.lease("heir"), 0)
        await _settlements_are_ignored(world, late, [message])
        taken_over = message.taken_over(world.clock.now())
        assert await world.claim(await world.lease("another")) == [world.held(taken_over)]

    async def test_a_late_settlement_does_not_change_a_message_that_another_owner_delivers(
        self, world: StoreWorld
    ) -> None:
        late, message = await _lost_by_a_late_owner(world)
        heir = await world.lease("heir")
        (claimed,) = await world.claim(heir)
        await _settlements_are_ignored(world, late, [message])
        delivered = claimed.delivered(world.clock.now())
        assert await world.claims.settle(heir, [delivered]) == frozenset()
        assert await world.store.get(message.id) == delivered

    async def test_a_late_settlement_does_not_change_a_message_that_another_owner_has_settled(
        self, world: StoreWorld
    ) -> None:
        late, message = await _lost_by_a_late_owner(world)
        heir = await world.lease("heir")
        (claimed,) = await world.claim(heir)
        await world.claims.settle(heir, [claimed.died(world.failure())])
        await _settlements_are_ignored(world, late, [message])

    async def test_a_late_settlement_is_ignored_even_if_its_owner_has_a_new_lease(self, world: StoreWorld) -> None:
        late, message = await _lost_by_a_late_owner(world)
        again = await world.lease(late.owner)
        (claimed,) = await world.claim(again)
        assert not await world.locks.renew(late)
        await _settlements_are_ignored(world, late, [message])
        assert await world.claims.settle(again, [claimed.delivered(world.clock.now())]) == frozenset()

    @pytest.mark.parametrize("end", ["released", "lost"])
    async def test_settlements_under_a_lease_that_has_ended_are_ignored(self, world: StoreWorld, end: str) -> None:
        over = await world.lease("over")
        message = await world.claimed(over)
        if end == "released":
            await world.locks.release(over)
        else:
            world.go_on(TTL)
            await world.claims.claim_due(await world.lease("heir"), 0)
        await _settlements_are_ignored(world, over, [message])


async def _lost_by_a_late_owner(world: StoreWorld) -> tuple[Lease, Message]:
    late = await world.lease("late")
    message = await world.claimed(late)
    world.go_on(TTL)
    return late, message


async def _settlements_are_ignored(world: StoreWorld, lease: Lease, messages: Sequence[Message]) -> None:
    """Asserts that every kind of settlement is reported and changes nothing."""
    now = world.clock.now()
    for message in messages:
        before = await world.store.get(message.id)
        state = await world.claims.partition_state(lease.partition)
        for late in (
            message.delivered(now),
            message.died(world.failure("late")),
            message.retried(world.failure("late"), now + SECOND),
            message.given_back(),
        ):
            assert await world.claims.settle(lease, [late]) == {message.id}
            assert await world.store.get(message.id) == before
            assert await world.claims.partition_state(lease.partition) == state
