from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from postdate.domain.messages.store_target import StoreTargetKind, store_target_of
from tests.contracts.world import FIRST, StoreWorld, ids_of

if TYPE_CHECKING:
    from postdate.domain.lease import Lease
    from postdate.domain.messages.message import Message
    from postdate.domain.messages.store_target import StoreTarget

SECOND = timedelta(seconds=1)
KINDS = [StoreTargetKind.STREAM, StoreTargetKind.LIST]


def new_target(kind: StoreTargetKind) -> tuple[str, StoreTarget]:
    to = f"{kind}:place-{uuid4().hex}"
    target = store_target_of(to)
    assert target is not None
    return to, target


async def claimed_for(world: StoreWorld, to: str, *bodies: bytes) -> tuple[Lease, list[Message]]:
    lease = await world.lease()
    await world.writer.add([replace(world.message(body=body), to=to, labels=("a",)) for body in bodies])
    return lease, await world.claim(lease)


class Publishing:
    @pytest.mark.parametrize("kind", KINDS)
    async def test_delivered_messages_are_published_in_order_as_they_are_settled(
        self, world: StoreWorld, kind: StoreTargetKind
    ) -> None:
        to, target = new_target(kind)
        lease, claimed = await claimed_for(world, to, b"1", b'"two"', b"[3]")
        settled = [message.delivered(world.clock.now()) for message in claimed]
        assert await world.claims.settle(lease, settled) == frozenset()
        assert [await world.store.get(message.id) for message in settled] == settled
        assert await world.take_bodies(target) == [b"1", b'"two"', b"[3]"]
        assert await world.claim(lease) == []

    async def test_a_channel_without_subscribers_accepts_messages(self, world: StoreWorld) -> None:
        lease, (claimed,) = await claimed_for(world, new_target(StoreTargetKind.PUBSUB)[0], b"1")
        delivered = claimed.delivered(world.clock.now())
        assert await world.claims.settle(lease, [delivered]) == frozenset()
        assert await world.store.get(claimed.id) == delivered

    @pytest.mark.parametrize("kind", KINDS)
    async def test_a_message_that_is_settled_twice_is_published_once(
        self, world: StoreWorld, kind: StoreTargetKind
    ) -> None:
        to, target = new_target(kind)
        lease, (claimed,) = await claimed_for(world, to, b"1")
        delivered = claimed.delivered(world.clock.now())
        await world.claims.settle(lease, [delivered])
        assert await world.claims.settle(lease, [delivered]) == {claimed.id}
        assert await world.take_bodies(target) == [b"1"]

    @pytest.mark.parametrize("kind", KINDS)
    async def test_an_owner_that_lost_its_claim_publishes_nothing(
        self, world: StoreWorld, kind: StoreTargetKind
    ) -> None:
        to, target = new_target(kind)
        late, (claimed,) = await claimed_for(world, to, b"1")
        world.go_on(late.ttl)
        heir = await world.lease("heir")
        (again,) = await world.claim(heir)
        assert await world.claims.settle(late, [claimed.delivered(world.clock.now())]) == {claimed.id}
        assert await world.claims.settle(heir, [again.delivered(world.clock.now())]) == frozenset()
        assert await world.take_bodies(target) == [b"1"]

    async def test_a_failed_message_is_not_published(self, world: StoreWorld) -> None:
        to, target = new_target(StoreTargetKind.STREAM)
        lease, (first, second) = await claimed_for(world, to, b"1", b"2")
        await world.claims.settle(lease, [first.died(world.failure()), second.given_back()])
        assert await world.take_bodies(target) == []

    async def test_one_settlement_may_publish_to_several_targets(self, world: StoreWorld) -> None:
        (to, target), (other_to, other) = new_target(StoreTargetKind.STREAM), new_target(StoreTargetKind.LIST)
        lease = await world.lease()
        await world.writer.add(
            [replace(world.message(body=b"%d" % n), to=to) for n, to in enumerate([to, "console", other_to, to])]
        )
        claimed = await world.claim(lease)
        settled = [message.delivered(world.clock.now()) for message in claimed]
        assert await world.claims.settle(lease, settled) == frozenset()
        assert [await world.store.get(message.id) for message in settled] == settled
        assert await world.take_bodies(target) == [b"0", b"3"]
        assert await world.take_bodies(other) == [b"2"]

    async def test_a_claim_is_given_back_if_the_key_of_its_target_holds_another_type(
        self, world: StoreWorld
    ) -> None:
        to, target = new_target(StoreTargetKind.STREAM)
        lease, (first,) = await claimed_for(world, to, b"1")
        await world.claims.settle(lease, [first.delivered(world.clock.now())])
        as_list = store_target_of(to.replace("stream:", "list:"))
        assert as_list is not None
        assert await world.store_targets.error_of(target, FIRST) is None
        assert await world.store_targets.error_of(as_list, FIRST) == "the key holds a stream, not a list"
        lease, (second,) = await claimed_for(world, f"list:{target.name}", b"2")
        assert await world.claims.settle(lease, [second.delivered(world.clock.now())]) == {second.id}
        assert ids_of(await world.claim(lease)) == [second.id]
        assert await world.take_bodies(target) == [b"1"]

    async def test_a_stream_is_trimmed_to_its_maximal_length(self, world: StoreWorld) -> None:
        to, _ = new_target(StoreTargetKind.STREAM)
        target = store_target_of(f"{to}?maxlen=1")
        assert target is not None
        lease, claimed = await claimed_for(world, f"{to}?maxlen=1", *[b"%d" % n for n in range(300)])
        await world.claims.settle(lease, [message.delivered(world.clock.now()) for message in claimed])
        bodies = await world.take_bodies(target)
        assert bodies[-1] == b"299"
        assert len(bodies) < 300
