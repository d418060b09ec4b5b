from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.domain.errors import IllegalTransitionError
from postdate.domain.messages.edit import Edit
from postdate.domain.messages.status import Status
from postdate.domain.retention import Retention
from tests.contracts.world import FIRST, MS, TTL, StoreWorld, ids_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from postdate.domain.messages.message import Message

SECOND = timedelta(seconds=1)
AT_ONCE = 30


class Changing:
    async def test_a_change_is_written_and_returned(self, world: StoreWorld) -> None:
        message = await world.added(SECOND)
        changed = await world.store.change(message.id, labelled("a"))
        assert changed is not None
        assert changed.message == replace(message, labels=("a",))
        assert await world.store.get(message.id) == changed.message
        assert not changed.next_due_moved_up

    async def test_changing_an_unknown_id_returns_none(self, world: StoreWorld) -> None:
        assert await world.store.change(world.message().id, labelled("a")) is None

    async def test_an_error_of_a_change_is_passed_on_and_nothing_is_written(self, world: StoreWorld) -> None:
        message = await world.added(SECOND)

        def refuse(_: Message) -> Message:
            raise LookupError

        with pytest.raises(LookupError):
            await world.store.change(message.id, refuse)
        assert await world.store.get(message.id) == message

    async def test_a_message_moved_to_an_earlier_time_is_claimed_then(self, world: StoreWorld) -> None:
        earlier, message = await world.added(2 * SECOND), await world.added(3 * SECOND)
        changed = await world.store.change(message.id, moved(world, SECOND))
        assert changed is not None
        assert changed.next_due_moved_up
        assert (await world.claims.partition_state(FIRST)).next_due == world.clock.now() + SECOND
        world.go_on(2 * SECOND)
        assert ids_of(await world.claim(await world.lease())) == [message.id, earlier.id]

    async def test_a_message_moved_to_a_later_time_is_not_claimed_before(self, world: StoreWorld) -> None:
        message = await world.added()
        changed = await world.store.change(message.id, moved(world, SECOND))
        assert changed is not None
        assert not changed.next_due_moved_up
        lease = await world.lease()
        assert await world.claim(lease) == []
        world.go_on(SECOND - MS)
        assert await world.claim(lease) == []
        world.go_on(MS)
        assert await world.claim(lease) == [world.held(changed.message)]

    async def test_a_change_that_does_not_move_next_due_up_reports_this(self, world: StoreWorld) -> None:
        await world.added(SECOND)
        message = await world.added(3 * SECOND)
        changed = await world.store.change(message.id, moved(world, 2 * SECOND))
        assert changed is not None
        assert not changed.next_due_moved_up

    async def test_a_change_sees_an_earlier_claim(self, world: StoreWorld) -> None:
        lease = await world.lease()
        claimed = await world.claimed(lease)
        with pytest.raises(IllegalTransitionError) as refusal:
            await world.store.change(claimed.id, moved(world, SECOND))
        assert refusal.value.status == Status.DELIVERING
        assert await world.store.get(claimed.id) == claimed

    async def test_concurrent_changes_are_all_written(self, world: StoreWorld) -> None:
        message = await world.added(SECOND)
        names = [str(number) for number in range(AT_ONCE)]
        await asyncio.gather(*(world.store.change(message.id, labelled(name)) for name in names))
        assert sorted((await world.now_in_store(message)).labels) == sorted(names)

    async def test_either_a_cancellation_or_a_concurrent_claim_wins(self, world: StoreWorld) -> None:
        messages, lease = await world.all_added(AT_ONCE), await world.lease()
        cancelling = [world.cancel(message.id) for message in messages]
        claimed, _ = await asyncio.gather(world.claim(lease), asyncio.gather(*cancelling))
        for message in messages:
            status = Status.DELIVERING if message.id in ids_of(claimed) else Status.CANCELLED
            assert (await world.now_in_store(message)).status is status

    async def test_a_dead_message_that_is_replayed_is_claimed_again(self, world: StoreWorld) -> None:
        lease = await world.lease()
        dead = await world.died(lease)
        world.go_on(MS)
        changed = await world.store.change(dead.id, lambda message: message.replayed(world.clock.now()))
        assert changed is not None
        assert changed.next_due_moved_up
        assert changed.message == dead.replayed(world.clock.now())
        assert await world.claim(lease) == [world.held(changed.message)]

    async def test_a_replayed_message_may_die_again(self, world: StoreWorld) -> None:
        lease = await world.lease()
        dead = await world.died(lease)
        await world.store.change(dead.id, lambda message: message.replayed(world.clock.now()))
        (again,) = await world.claim(lease)
        dead_again = again.died(world.failure("once more"))
        assert await world.claims.settle(lease, [dead_again]) == frozenset()
        assert await world.store.get(dead.id) == dead_again

    async def test_a_change_that_ends_a_message_forgets_the_oldest_ended_ones(self, world: StoreWorld) -> None:
        first, second = await world.added(SECOND), await world.added(SECOND)
        keeping_one = world.with_retention(Retention(count=1))
        for message in (first, second):
            await keeping_one.store.change(message.id, lambda message: message.cancelled(world.clock.now()))
        assert await world.store.get(first.id) is None
        assert (await world.now_in_store(second)).status is Status.CANCELLED

    async def test_a_message_that_was_taken_over_can_be_changed(self, world: StoreWorld) -> None:
        claimed = await world.claimed(await world.lease("lost"))
        world.go_on(TTL)
        await world.claims.claim_due(await world.lease("heir"), 0)
        changed = await world.store.change(claimed.id, labelled("a"))
        taken_over = claimed.taken_over(world.clock.now())
        assert changed is not None
        assert changed.message == replace(taken_over, labels=("a",))
        assert await world.store.get(claimed.id) == changed.message


def labelled(name: str) -> Callable[[Message], Message]:
    return lambda message: replace(message, labels=(*message.labels, name))


def moved(world: StoreWorld, due_in: timedelta) -> Callable[[Message], Message]:
    now = world.clock.now()
    return lambda message: message.edited(Edit(at=now + due_in), now)
