from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from postdate.application.ports.message_writer import AddResult
from postdate.domain.retention import Retention
from tests.contracts.world import FIRST, MS, StoreWorld, ids_of

if TYPE_CHECKING:
    from postdate.domain.messages.message import Message

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class Forgetting:
    async def test_the_latest_ended_messages_are_kept(self, world: StoreWorld) -> None:
        delivered = []
        lease = await world.lease(ttl=HOUR)
        for _ in range(5):
            delivered.append(await world.delivered(lease))
            world.go_on(MS)
        await world.with_retention(Retention(count=2)).claims.settle(lease, [])
        assert await _kept(world, delivered) == delivered[-2:]

    async def test_of_messages_ended_in_one_millisecond_the_ones_settled_later_are_kept(
        self, world: StoreWorld
    ) -> None:
        lease, now = await world.lease(), world.clock.now()
        messages = await world.all_added(5)
        delivered = [message.delivered(now) for message in await world.claim(lease)]
        assert await world.with_retention(Retention(count=2)).claims.settle(lease, delivered[::-1]) == frozenset()
        assert ids_of(await _kept(world, messages)) == ids_of(messages[:2])

    async def test_a_message_is_forgotten_when_its_retention_has_passed(self, world: StoreWorld) -> None:
        claims, lease = world.with_retention(Retention(age=SECOND)).claims, await world.lease(ttl=HOUR)
        old = await world.delivered(lease)
        world.go_on(MS)
        young = await world.delivered(lease)
        world.go_on(SECOND - MS - MS)
        await claims.settle(lease, [])
        assert await _kept(world, [old, young]) == [old, young]
        world.go_on(MS)
        await claims.settle(lease, [])
        assert await _kept(world, [old, young]) == [young]

    async def test_a_retention_of_zero_messages_keeps_none(self, world: StoreWorld) -> None:
        lease = await world.lease()
        claimed = await world.claimed(lease)
        assert (
            await world.with_retention(Retention(count=0)).claims.settle(
                lease, [claimed.delivered(world.clock.now())]
            )
            == set()
        )
        assert await world.store.get(claimed.id) is None

    async def test_a_settlement_counts_even_if_its_message_is_forgotten_at_once(self, world: StoreWorld) -> None:
        claims, lease = world.with_retention(Retention(age=timedelta())).claims, await world.lease()
        delivered = (await world.claimed(lease)).delivered(world.clock.now())
        assert await claims.settle(lease, [delivered]) == frozenset()
        assert await claims.settle(lease, [delivered]) == {delivered.id}

    async def test_cancelled_messages_are_forgotten_at_the_next_settlement(self, world: StoreWorld) -> None:
        messages, lease = await world.all_added(3, HOUR), await world.lease()
        for message in messages:
            await world.cancel(message.id)
            world.go_on(MS)
        await world.with_retention(Retention(count=1)).claims.settle(lease, [])
        assert ids_of(await _kept(world, messages)) == [messages[-1].id]

    async def test_expired_messages_are_forgotten_too(self, world: StoreWorld) -> None:
        lease = await world.lease()
        claimed = await world.claimed(lease)
        expired = claimed.expired(world.clock.now())
        await world.with_retention(Retention(count=0)).claims.settle(lease, [expired])
        assert await world.store.get(claimed.id) is None

    async def test_delivered_and_cancelled_messages_count_together(self, world: StoreWorld) -> None:
        lease, cancelled = await world.lease(), await world.added(HOUR)
        await world.cancel(cancelled.id)
        world.go_on(MS)
        delivered = await world.delivered(lease)
        await world.with_retention(Retention(count=1)).claims.settle(lease, [])
        assert await _kept(world, [cancelled, delivered]) == [delivered]

    async def test_messages_that_are_dead_or_have_not_ended_are_never_forgotten(self, world: StoreWorld) -> None:
        lease = await world.lease(ttl=HOUR * 48)
        dead, claimed, scheduled = await world.died(lease), await world.claimed(lease), await world.added(HOUR)
        world.go_on(HOUR * 24)
        await world.with_retention(Retention(age=timedelta(), count=0)).claims.settle(lease, [])
        assert await _kept(world, [dead, claimed, scheduled]) == [dead, claimed, scheduled]

    async def test_a_forgotten_id_is_free(self, world: StoreWorld) -> None:
        lease = await world.lease()
        delivered = await world.delivered(lease)
        await world.with_retention(Retention(count=0)).claims.settle(lease, [])
        again = replace(world.message(HOUR), id=delivered.id)
        assert await world.writer.add([again]) == AddResult(next_due_moved_up=frozenset({FIRST}))
        assert await world.store.get(again.id) == again

    async def test_the_default_retention_keeps_a_day(self, world: StoreWorld) -> None:
        lease = await world.lease(ttl=HOUR * 48)
        delivered = await world.delivered(lease)
        world.go_on(HOUR * 24 - MS)
        await world.claims.settle(lease, [])
        assert await world.store.get(delivered.id) == delivered
        world.go_on(MS)
        await world.claims.settle(lease, [])
        assert await world.store.get(delivered.id) is None


async def _kept(world: StoreWorld, messages: list[Message]) -> list[Message]:
    found = [await world.store.get(message.id) for message in messages]
    return [message for message in found if message is not None]
