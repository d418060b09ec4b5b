"""How a delivery loop ends: by a stop, and by a cancellation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.application.delivery.loop_settings import LoopSettings
from postdate.application.events.events import (
    LeaseAcquired,
    LeaseLost,
    LeaseReleased,
    MessagesClaimed,
    MessagesGivenBack,
    SettlementIgnored,
    UnexpectedErrorCaught,
)
from postdate.domain.errors import StoreUnavailableError
from postdate.domain.lease import Role
from postdate.domain.messages.status import Status
from tests.unit.application.world import PARTITION, let_others_run, ms, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


async def test_an_idle_instance_stops_at_once_and_frees_its_role(world: World) -> None:
    instances = [await world.start(name) for name in "abc"]
    await world.advance(seconds(10))
    for instance in instances:
        instance.loop.stop()
    await let_others_run()
    assert all(instance.task.done() for instance in instances)
    assert await world.roles() == {}
    assert [event.given_back for event in instances[0].events.of(LeaseReleased)] == [0]


async def test_an_instance_that_is_stopped_before_it_starts_asks_the_store_for_nothing(world: World) -> None:
    instance = world.instance("a")
    instance.loop.stop()
    await instance.task
    assert instance.line.calls == []


async def test_an_instance_stops_at_once_while_its_store_is_away(world: World) -> None:
    instance = await world.start("a")
    await world.advance(seconds(10))
    instance.line.cut = True
    await world.advance(seconds(1))
    instance.loop.stop()
    await let_others_run()
    assert instance.task.done()


async def test_an_instance_stops_at_once_after_an_error(world: World) -> None:
    instance = await world.start("a", LoopSettings(poll_interval=seconds(3600)))
    instance.line.faults["claim_due"] = [RuntimeError("unexpected")]
    world.doorbell.ring([PARTITION])
    await let_others_run()
    assert len(instance.events.of(UnexpectedErrorCaught)) == 1
    instance.loop.stop()
    await let_others_run()
    assert instance.task.done()


@pytest.mark.parametrize("error", [RuntimeError("unexpected"), StoreUnavailableError("away")])
async def test_a_stop_just_before_an_error_takes_effect_at_once(world: World, error: Exception) -> None:
    instance = await world.start(
        "a", LoopSettings(poll_interval=seconds(3600), store_retry_interval=seconds(3600))
    )
    instance.line.faults["claim_due"] = [error]
    instance.line.meanwhile["claim_due"] = instance.loop.stop
    world.doorbell.ring([PARTITION])
    await let_others_run()
    assert instance.task.done()


async def test_a_stop_waits_for_deliveries_that_have_started_and_gives_back_the_others(world: World) -> None:
    instance = await world.start("a")
    begun = await world.add(seconds(1), takes=seconds(5))
    claimed = await world.add(seconds(1), takes=seconds(5))
    unclaimed = await world.add(seconds(2))
    await world.advance(ms(1500))
    instance.loop.stop()
    await world.advance(seconds(4))
    assert not instance.task.done()
    await world.advance(seconds(1))
    assert instance.task.done()
    assert (await world.get(begun)).status is Status.DELIVERED
    assert await world.get(claimed) == claimed
    assert await world.get(unclaimed) == unclaimed
    assert len(instance.events.of(MessagesGivenBack)) == 1
    assert await world.roles() == {}


async def test_nothing_is_claimed_after_a_stop(world: World) -> None:
    instance = await world.start("a")
    await world.add(seconds(1), takes=seconds(5))
    await world.advance(seconds(1))
    claims = len(instance.events.of(MessagesClaimed))
    instance.loop.stop()
    late = await world.add(seconds(0))
    await world.advance(seconds(10))
    assert len(instance.events.of(MessagesClaimed)) == claims
    assert await world.get(late) == late


async def test_another_instance_delivers_while_one_stops_and_no_message_twice(world: World) -> None:
    stopping = await world.start("a")
    await world.start("b")
    begun = await world.add(seconds(1), takes=seconds(20))
    claimed = await world.add(seconds(1))
    claimed_too = await world.add(seconds(1), takes=seconds(20))
    meanwhile = await world.add(seconds(10))
    await world.advance(seconds(2))
    stopping.loop.stop()
    await world.advance(seconds(60))
    assert stopping.task.done()
    assert [delivery.by for delivery in world.diary.of(begun)] == ["a"]
    assert [delivery.by for delivery in world.diary.of(claimed)] == ["a"]
    assert [delivery.by for delivery in world.diary.of(claimed_too)] == ["b"]
    assert [(it.by, it.at - meanwhile.due_at) for it in world.diary.of(meanwhile)] == [("b", ms(20))]
    assert set(await world.roles()) == {Role.LEADER}


async def test_deliveries_longer_than_the_drain_timeout_are_cancelled_and_given_back(world: World) -> None:
    settings = LoopSettings(drain_timeout=seconds(5))
    stopping = await world.start("a", settings)
    message = await world.add(seconds(1), takes=seconds(3600))
    await world.advance(seconds(2))
    stopping.loop.stop()
    await world.advance(ms(4900))
    assert not stopping.task.done()
    await world.advance(ms(100))
    assert stopping.task.done()
    assert await world.get(message) == message
    assert [event.given_back for event in stopping.events.of(LeaseReleased)] == [1]
    await world.start("b", settings)
    assert [begun.by for begun in world.diary.of(message)] == ["a", "b"]


async def test_a_stop_waits_for_deliveries_whose_lease_was_lost(world: World) -> None:
    instance = await world.start("a")
    message = await world.add(seconds(1), takes=seconds(20))
    await world.advance(seconds(2))
    instance.line.faults["partition_state"] = [StoreUnavailableError("away")] * 100
    world.clock.advance(seconds(5))
    await world.claims.claim_due(await world.locks.acquire(PARTITION, "heir", seconds(1)), 0)
    await world.advance(seconds(1))
    assert len(instance.events.of(LeaseLost)) == 1
    assert len(instance.events.of(LeaseAcquired)) == 1
    instance.loop.stop()
    await let_others_run()
    assert not instance.task.done()
    await world.advance(seconds(20))
    assert instance.task.done()
    assert len(world.diary.of(message)) == 1
    assert [event.message_ids for event in instance.events.of(SettlementIgnored)] == [{message.id}]


async def test_a_delivery_of_a_cancelled_instance_ends_before_its_claim_is_given_back(world: World) -> None:
    cancelled = await world.start("a")
    await world.start("b")
    message = await world.add(seconds(1), takes=seconds(20))
    await world.advance(seconds(2))
    await cancelled.cancel()
    assert cancelled.task.cancelled()
    assert (await world.get(message)).status is Status.SCHEDULED
    await world.advance(seconds(60))
    assert [begun.by for begun in world.diary.of(message)] == ["a", "b"]
    assert (await world.get(message)).attempts == 1
