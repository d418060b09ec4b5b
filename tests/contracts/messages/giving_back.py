from __future__ import annotations

from typing import TYPE_CHECKING

from postdate.domain.messages.status import Status
from tests.contracts.world import FIRST, MS, StoreWorld, ids_of

if TYPE_CHECKING:
    from postdate.domain.messages.message import Message


class GivingBackUnacknowledged:
    async def test_claims_that_are_not_held_return_to_due_order_without_counting_an_attempt(
        self, world: StoreWorld
    ) -> None:
        lease = await world.lease()
        first, held, last = [await world.added(due_in) for due_in in (-3 * MS, -2 * MS, -MS)]
        await world.claim(lease)
        between = await world.added(-2 * MS)
        assert await world.claims.give_back_unacknowledged(lease, [held.id]) == 2
        claimed: list[Message] = await world.claim(lease)
        assert ids_of(claimed) == ids_of([first, between, last])
        assert {message.attempts for message in claimed} == {0}

    async def test_a_held_claim_stays_and_can_be_settled(self, world: StoreWorld) -> None:
        lease = await world.lease()
        held = await world.claimed(lease)
        assert await world.claims.give_back_unacknowledged(lease, [held.id]) == 0
        assert (await world.now_in_store(held)).status is Status.DELIVERING
        assert await world.claims.settle(lease, [held.delivered(world.clock.now())]) == frozenset()

    async def test_claims_of_other_owners_and_the_lease_itself_are_unaffected(self, world: StoreWorld) -> None:
        mine, other = await world.lease("one"), await world.lease("other")
        theirs = await world.claimed(other)
        stray = await world.claimed(mine)
        assert await world.claims.give_back_unacknowledged(mine, []) == 1
        assert (await world.claims.partition_state(FIRST)).next_due == stray.due_at
        assert await world.claims.settle(other, [theirs.delivered(world.clock.now())]) == frozenset()
        assert await world.locks.renew(mine)

    async def test_a_second_give_back_does_no_harm(self, world: StoreWorld) -> None:
        lease = await world.lease()
        await world.claimed(lease)
        assert [await world.claims.give_back_unacknowledged(lease, []) for _ in range(2)] == [1, 0]
