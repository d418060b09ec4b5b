from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.application.channels import Channels
from postdate.application.delivery.claimer import Claimer
from postdate.application.delivery.deliver_due_messages import DeliverDueMessages
from postdate.application.delivery.in_flight import InFlight
from postdate.application.delivery.lease_keeper import LeaseKeeper
from postdate.application.events.events import MessagesDelivered, MessagesGivenBack
from postdate.domain.errors import LeaseLostError
from postdate.domain.messages.status import Status
from tests.faults import FaultInjector
from tests.unit.application.world import PARTITION, Desk, let_others_run, ms, seconds

if TYPE_CHECKING:
    from postdate.domain.lease import Lease
    from tests.unit.application.world import World

BATCH, CAPACITY = 3, 7


class Scene:
    """A claimer with small batches and a small capacity, and the objects that it works with."""

    def __init__(self, world: World, lease: Lease) -> None:
        self.line = FaultInjector(world.clock)
        self.events = MemoryEventRecorder()
        self.keeper = LeaseKeeper(lease, 0.0, world.locks, world.clock, self.events, lambda: None)
        self.in_flight = InFlight(CAPACITY, world.clock, lambda: None, lambda _: None)
        self.stopping = False
        deliver = DeliverDueMessages(
            self.line.wrap(world.claims),
            Channels({"desk": Desk("a", world)}),
            world.clock,
            world.jitter,
            self.events,
        )
        self.claimer = Claimer(self.keeper, deliver, self.in_flight, BATCH, lambda: self.stopping, lambda: None)


@pytest.fixture
async def scene(world: World) -> Scene:
    return Scene(world, await world.locks.acquire(PARTITION, "a", seconds(2)))


async def test_a_claimer_claims_batches_until_a_claim_returns_less_than_it_asked_for(
    world: World, scene: Scene
) -> None:
    messages = [await world.add(seconds(0)) for _ in range(5)]
    later = await world.add(seconds(9))
    claimed = await scene.claimer.claim_all_due()
    assert claimed is not None
    assert [message.id for message in claimed.messages] == [message.id for message in messages[3:]]
    assert claimed.next_due == later.due_at
    await let_others_run()
    assert [begun.message.id for begun in world.diary.begun] == [message.id for message in messages]
    assert scene.in_flight.is_empty


async def test_an_empty_claim_starts_no_delivery(scene: Scene) -> None:
    claimed = await scene.claimer.claim_all_due()
    assert claimed is not None
    assert claimed.messages == []
    assert scene.in_flight.is_empty


async def test_a_claimer_returns_none_once_there_is_no_free_capacity(world: World, scene: Scene) -> None:
    for _ in range(9):
        await world.add(seconds(0), takes=seconds(1))
    assert await scene.claimer.claim_all_due() is None
    assert scene.in_flight.free_capacity == 0
    assert scene.line.calls == ["claim_due"] * 3
    assert await scene.claimer.claim_all_due() is None
    assert scene.line.calls.count("claim_due") == 3


async def test_settled_messages_free_their_capacity_while_one_of_their_batch_is_slow(
    world: World, scene: Scene
) -> None:
    await world.add(seconds(0), takes=seconds(60))
    for _ in range(BATCH - 1):
        await world.add(seconds(0))
    await scene.claimer.claim_all_due()
    await let_others_run()
    assert scene.in_flight.free_capacity == CAPACITY - 1


async def test_a_claimer_claims_nothing_while_the_loop_is_stopping(world: World, scene: Scene) -> None:
    await world.add(seconds(0))
    scene.stopping = True
    assert not scene.claimer.is_active
    assert await scene.claimer.claim_all_due() is None
    assert scene.line.calls == []


async def test_a_claimer_claims_nothing_once_its_lease_is_lost(world: World, scene: Scene) -> None:
    await world.add(seconds(0))
    scene.keeper.mark_lost()
    assert not scene.claimer.is_active
    assert await scene.claimer.claim_all_due() is None
    assert scene.line.calls == []


async def test_a_claim_under_a_lease_that_ran_out_raises(world: World, scene: Scene) -> None:
    world.clock.advance(seconds(2))
    with pytest.raises(LeaseLostError):
        await scene.claimer.claim_all_due()


async def test_messages_whose_delivery_has_not_started_before_a_stop_are_given_back(
    world: World, scene: Scene
) -> None:
    first = await world.add(seconds(0), takes=seconds(1))
    second = await world.add(seconds(0), takes=seconds(1))
    await scene.claimer.claim_all_due()
    await let_others_run()
    scene.stopping = True
    await world.advance(seconds(1))
    assert (await world.get(first)).status is Status.DELIVERED
    assert await world.get(second) == second
    assert [[it.id for it in event.messages] for event in scene.events.of(MessagesGivenBack)] == [[second.id]]


async def test_no_delivery_starts_after_a_pause_that_the_lease_may_not_have_outlived(
    world: World, scene: Scene
) -> None:
    message = await world.add(seconds(0))
    world.clock.advance(ms(1900))
    await scene.claimer.claim_all_due()
    await let_others_run()
    assert world.diary.begun == []
    assert scene.events.of(MessagesDelivered) == []
    assert await world.get(message) == message
