from __future__ import annotations

from datetime import timedelta

from postdate.domain.messages.status import Status
from tests.contracts.world import FIRST, MS, StoreWorld

SECOND = timedelta(seconds=1)


class Cancelling:
    async def test_a_cancelled_message_is_written_and_returned(self, world: StoreWorld) -> None:
        message = await world.added(SECOND)
        world.go_on(MS)
        cancelled = await world.cancel(message.id)
        assert cancelled == message.cancelled(world.clock.now())
        assert await world.store.get(message.id) == cancelled

    async def test_cancelling_an_unknown_id_returns_none(self, world: StoreWorld) -> None:
        assert await world.cancel(world.message().id) is None

    async def test_a_cancelled_message_is_never_claimed(self, world: StoreWorld) -> None:
        message, other = await world.all_added(2)
        await world.cancel(message.id)
        assert await world.claim(await world.lease()) == [world.held(other)]

    async def test_a_cancelled_message_does_not_count_for_next_due(self, world: StoreWorld) -> None:
        message, later = await world.added(), await world.added(SECOND)
        await world.cancel(message.id)
        assert (await world.claims.partition_state(FIRST)).next_due == later.due_at

    async def test_one_of_several_messages_with_the_same_due_time_is_cancelled(self, world: StoreWorld) -> None:
        first, second, third = await world.all_added(3)
        await world.cancel(second.id)
        assert await world.claim(await world.lease()) == [world.held(first), world.held(third)]

    async def test_a_claim_that_came_first_wins(self, world: StoreWorld) -> None:
        lease = await world.lease()
        claimed = await world.claimed(lease)
        assert await world.cancel(claimed.id) == claimed
        delivered = claimed.delivered(world.clock.now())
        assert await world.claims.settle(lease, [delivered]) == frozenset()
        assert await world.store.get(claimed.id) == delivered

    async def test_a_second_cancellation_changes_nothing(self, world: StoreWorld) -> None:
        message = await world.added()
        first = await world.cancel(message.id)
        world.go_on(SECOND)
        assert await world.cancel(message.id) == first

    async def test_an_ended_message_cannot_be_cancelled(self, world: StoreWorld) -> None:
        lease = await world.lease()
        delivered, dead = await world.delivered(lease), await world.died(lease)
        world.go_on(MS)
        assert await world.cancel(delivered.id) == delivered
        assert await world.cancel(dead.id) == dead
        assert await world.store.get(dead.id) == dead

    async def test_a_message_that_waits_for_a_retry_can_be_cancelled_and_keeps_its_failures(
        self, world: StoreWorld
    ) -> None:
        lease = await world.lease()
        claimed = await world.claimed(lease)
        await world.claims.settle(lease, [claimed.retried(world.failure(), world.clock.now() + SECOND)])
        cancelled = await world.cancel(claimed.id)
        assert cancelled is not None
        assert (cancelled.status, cancelled.attempts) == (Status.CANCELLED, 1)
        assert cancelled.failures == (world.failure(),)

    async def test_a_message_given_back_can_be_cancelled(self, world: StoreWorld) -> None:
        lease = await world.lease()
        claimed = await world.claimed(lease)
        await world.locks.release(lease)
        assert await world.cancel(claimed.id) == claimed.given_back().cancelled(world.clock.now())

    async def test_a_lost_claim_wins_until_it_is_taken_over(self, world: StoreWorld) -> None:
        lease = await world.lease()
        claimed = await world.claimed(lease)
        world.go_on(lease.ttl)
        assert await world.cancel(claimed.id) == claimed
        taken_over = claimed.taken_over(world.clock.now())
        assert await world.claim(await world.lease("other")) == [world.held(taken_over)]
