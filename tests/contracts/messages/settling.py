from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from postdate.domain.messages.history import MAX_HISTORY_ENTRIES
from postdate.domain.messages.status import Status
from tests.contracts.world import FIRST, MS, TTL, StoreWorld, ids_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from postdate.domain.messages.message import Message

SECOND = timedelta(seconds=1)


class Settling:
    async def test_a_delivered_message_has_ended(self, world: StoreWorld) -> None:
        lease = await world.lease()
        claimed = await world.claimed(lease)
        delivered = claimed.delivered(world.clock.now() + MS)
        assert await world.claims.settle(lease, [delivered]) == frozenset()
        assert await world.store.get(claimed.id) == delivered
        assert await world.claim(lease) == []

    async def test_a_retry_changes_the_due_time_but_not_the_requested_time(self, world: StoreWorld) -> None:
        lease = await world.lease()
        claimed = await world.claimed(lease)
        retried = claimed.retried(world.failure("told to wait"), world.clock.now() + SECOND)
        assert await world.claims.settle(lease, [retried]) == frozenset()
        found = await world.now_in_store(claimed)
        assert found == retried
        assert (found.at, found.due_at) == (claimed.at, claimed.at + SECOND)
        assert (found.attempts, found.failures) == (1, (world.failure("told to wait"),))
        assert (await world.claims.partition_state(FIRST)).next_due == retried.due_at

    async def test_failures_and_attempts_survive_further_claims(self, world: StoreWorld) -> None:
        lease = await world.lease(ttl=100 * SECOND)
        message = await world.claimed(lease)
        for attempt in range(1, MAX_HISTORY_ENTRIES + 3):
            retried = message.retried(world.failure(f"failed the {attempt}. time"), world.clock.now() + SECOND)
            await world.claims.settle(lease, [retried])
            world.go_on(SECOND)
            (message,) = await world.claim(lease)
            assert message == world.held(retried)
        assert message.attempts == MAX_HISTORY_ENTRIES + 2
        assert [failure.reason.removeprefix("failed the ") for failure in message.failures] == [
            f"{n}. time" for n in range(3, 13)
        ]

    async def test_a_dead_message_is_kept_with_its_failures_and_never_claimed_again(
        self, world: StoreWorld
    ) -> None:
        lease = await world.lease()
        dead = await world.died(lease)
        assert await world.store.get(dead.id) == dead
        assert (dead.status, dead.ended_at) == (Status.DEAD, world.clock.now())
        world.go_on(TTL)
        assert await world.claim(await world.lease()) == []

    async def test_an_expired_message_has_ended(self, world: StoreWorld) -> None:
        lease = await world.lease()
        claimed = await world.claimed(lease)
        expired = claimed.expired(world.clock.now())
        assert await world.claims.settle(lease, [expired]) == frozenset()
        assert await world.store.get(claimed.id) == expired

    async def test_a_message_whose_delivery_was_not_started_returns_to_due_order(self, world: StoreWorld) -> None:
        messages, lease = await world.all_added(3), await world.lease()
        claimed = await world.claim(lease, 2)
        await world.claims.settle(lease, [message.given_back() for message in claimed])
        assert await world.claim(lease) == [world.held(message) for message in messages]

    async def test_a_second_settlement_is_reported_and_changes_nothing(self, world: StoreWorld) -> None:
        lease = await world.lease()
        first = (await world.claimed(lease)).delivered(world.clock.now())
        await world.claims.settle(lease, [first])
        second = replace(first, status=Status.DEAD, ended_at=world.clock.now() + SECOND)
        assert await world.claims.settle(lease, [second]) == {first.id}
        assert await world.store.get(first.id) == first

    async def test_a_message_repeated_in_a_batch_is_settled_once(self, world: StoreWorld) -> None:
        lease = await world.lease()
        claimed = await world.claimed(lease)
        delivered = claimed.delivered(world.clock.now())
        assert await world.claims.settle(lease, [delivered, claimed.given_back()]) == {claimed.id}
        assert await world.store.get(claimed.id) == delivered
        assert await world.claim(lease) == []

    async def test_a_message_that_is_not_claimed_cannot_be_settled(self, world: StoreWorld) -> None:
        lease, waiting, unknown = await world.lease(), await world.added(SECOND), world.message()
        await world.claim(lease)
        settled = [world.held(message).delivered(world.clock.now()) for message in (waiting, unknown)]
        assert await world.claims.settle(lease, settled) == {waiting.id, unknown.id}
        assert await world.store.get(waiting.id) == waiting
        assert await world.store.get(unknown.id) is None

    async def test_a_claim_of_another_owner_cannot_be_settled(self, world: StoreWorld) -> None:
        one, other = await world.lease("one"), await world.lease("other")
        claimed = await world.claimed(one)
        assert await world.claims.settle(other, [claimed.delivered(world.clock.now())]) == {claimed.id}
        assert await world.store.get(claimed.id) == claimed

    async def test_a_claim_under_another_lease_of_the_same_owner_cannot_be_settled(
        self, world: StoreWorld
    ) -> None:
        before, after = await world.lease("one"), await world.lease("one")
        claimed = await world.claimed(before)
        assert await world.claims.settle(after, [claimed.delivered(world.clock.now())]) == {claimed.id}

    async def test_settling_nothing_changes_nothing(self, world: StoreWorld) -> None:
        assert await world.claims.settle(await world.lease(), []) == frozenset()

    async def test_five_thousand_claims_are_settled_at_once(self, world: StoreWorld) -> None:
        await world.all_added(5_000)
        lease = await world.lease()
        claimed = [message for _ in range(10) for message in await world.claim(lease)]
        settled = [message.delivered(world.clock.now()) for message in claimed]
        assert len(settled) == 5_000
        assert await world.claims.settle(lease, settled) == frozenset()
        assert await world.claims.settle(lease, settled) == set(ids_of(settled))
        assert await world.store.get(settled[-1].id) == settled[-1]

    async def test_a_large_batch_may_contain_every_next_state_and_lost_claims(self, world: StoreWorld) -> None:
        messages = await world.all_added(1_100)
        one, other = await world.lease("one"), await world.lease("other")
        hands = itertools.cycle([one, other])
        held = {
            message.id: (lease, message)
            for lease in itertools.islice(hands, 11)
            for message in await world.claim(lease, 100)
        }
        settled = [
            next_state(world, held[message.id][1])
            for message, next_state in zip(messages, _every_state(), strict=False)
        ]
        lost = {message.id for message in messages if held[message.id][0] is other}

        assert await world.claims.settle(one, settled) == lost

        for before, after in zip(messages, settled, strict=True):
            expected = held[before.id][1] if before.id in lost else after
            assert await world.store.get(before.id) == expected
        waiting = [it.id for it in settled if it.status is Status.SCHEDULED and it.id not in lost]
        at_once = [it for it in waiting if it in ids_of([m for m in settled if m.due_at == world.clock.now()])]
        assert ids_of(await world.claim(one)) == at_once
        world.go_on(SECOND)
        assert len(await world.claim(one)) == len(waiting) - len(at_once)


def _every_state() -> Iterator[Callable[[StoreWorld, Message], Message]]:
    return itertools.cycle(
        [
            lambda world, message: message.delivered(world.clock.now()),
            lambda world, message: message.died(world.failure()),
            lambda world, message: message.retried(world.failure(), world.clock.now() + SECOND),
            lambda _, message: message.given_back(),
        ]
    )
