"""What a delivery loop does while its store is away, and when something nobody foresaw goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.application.delivery.delivery_loop import LoopSettings
from postdate.application.events.events import (
    LeaseAcquired,
    LeaseLost,
    LeaseReleased,
    MessagesDelivered,
    SettlementIgnored,
    StoreDisconnected,
    StoreReconnected,
    UnexpectedErrorCaught,
)
from postdate.domain.lease import Role
from postdate.domain.messages.status import Status
from tests.unit.application.world import PARTITION, ms, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


async def test_a_store_that_is_away_at_the_start_is_waited_for(world: World) -> None:
    message = await world.add(seconds(0))
    instance = world.instance("a")
    instance.line.cut = True
    _ = instance.task
    await world.advance(seconds(60))
    assert [event.reason for event in instance.events.of(StoreDisconnected)] == ["the connection is cut"]
    assert world.diary.begun == []
    instance.line.cut = False
    await world.advance(seconds(1))
    assert len(instance.events.of(StoreReconnected)) == 1
    assert (await world.get(message)).status is Status.DELIVERED


async def test_an_outage_is_told_of_once_and_so_is_its_end(world: World) -> None:
    instance = await world.start("a")
    await world.advance(seconds(10))
    for outages in (1, 2):
        instance.line.cut = True
        away_since = world.clock.now()
        await world.advance(seconds(60))
        assert len(instance.events.of(StoreDisconnected)) == outages
        assert len(instance.events.of(StoreReconnected)) == outages - 1
        instance.line.cut = False
        await world.advance(seconds(10))
        assert len(instance.events.of(StoreReconnected)) == outages
        back = instance.events.of(StoreReconnected)[-1]
        assert away_since <= back.away_since <= away_since + seconds(1)


async def test_the_store_is_asked_again_after_a_while_and_not_in_a_hurry(world: World) -> None:
    instance = await world.start("a", LoopSettings(lease_ttl=seconds(600)))
    await world.advance(seconds(10))
    instance.line.cut = True
    await world.advance(seconds(2))
    instance.line.calls.clear()
    await world.advance(seconds(20))
    assert len(instance.line.calls) == 100


async def test_deliveries_go_on_when_the_store_is_back(world: World) -> None:
    instance = await world.start("a")
    missed, later = await world.add(seconds(3)), await world.add(seconds(30))
    await world.advance(seconds(1))
    instance.line.cut = True
    await world.advance(seconds(10))
    assert world.diary.begun == []
    instance.line.cut = False
    await world.advance(seconds(30))
    assert len(world.diary.of(missed)) == 1
    assert [begun.at for begun in world.diary.of(later)] == [later.due_at]


@pytest.mark.parametrize("name", ["a", "b"])
async def test_a_lease_that_outlived_the_outage_is_kept_with_its_role(world: World, name: str) -> None:
    instances = {other: await world.start(other) for other in "abc"}
    await world.advance(seconds(10))
    instances[name].line.cut = True
    await world.advance(seconds(1.2))
    instances[name].line.cut = False
    await world.advance(seconds(10))
    events = instances[name].events
    assert len(events.of(StoreDisconnected)) == len(events.of(StoreReconnected)) == 1
    assert len(events.of(LeaseAcquired)) == 1
    assert events.of(LeaseLost) == []
    assert events.of(LeaseReleased) == []
    message = await world.add(seconds(1))
    await world.advance(seconds(1))
    assert [(begun.by, begun.at) for begun in world.diary.of(message)] == [("a", message.due_at)]


async def test_a_lease_that_did_not_is_replaced(world: World) -> None:
    instance = await world.start("a")
    instance.line.cut = True
    await world.advance(seconds(10))
    instance.line.cut = False
    await world.advance(seconds(10))
    assert len(instance.events.of(LeaseLost)) == 1
    assert len(instance.events.of(LeaseAcquired)) == 2
    assert Role.LEADER in await world.roles()


async def test_a_delivery_that_ended_during_an_outage_is_not_repeated_by_its_own_instance(world: World) -> None:
    instance = await world.start("a")
    message = await world.add(seconds(1), takes=seconds(2))
    await world.advance(seconds(2))
    instance.line.cut = True
    await world.advance(seconds(60))
    instance.line.cut = False
    await world.advance(seconds(10))
    assert len(world.diary.of(message)) == 1
    assert len(instance.events.of(LeaseLost)) == 1
    delivered = await world.get(message)
    assert (delivered.status, delivered.attempts) == (Status.DELIVERED, 1)
    assert instance.events.of(SettlementIgnored) == []


async def test_a_delivery_goes_on_through_an_outage_that_its_lease_outlives(world: World) -> None:
    instance = await world.start("a", LoopSettings(lease_ttl=seconds(30)))
    message = await world.add(seconds(1), takes=seconds(60))
    await world.advance(seconds(5))
    instance.line.cut = True
    await world.advance(seconds(15))
    instance.line.cut = False
    other = await world.add(seconds(1))
    await world.advance(seconds(60))
    assert len(world.diary.of(message)) == 1
    assert [begun.at for begun in world.diary.of(other)] == [other.due_at]


async def test_a_helper_too_says_that_the_store_is_back(world: World) -> None:
    pace = LoopSettings(batch=1, capacity=1)
    _, _, helper = [await world.start(name, pace) for name in "abc"]
    for _ in range(3):
        await world.add(seconds(1), takes=seconds(3600))
    await world.advance(seconds(5))
    assert len(helper.events.of(LeaseAcquired)) == 1
    helper.line.cut = True
    await world.advance(seconds(1.1))
    helper.line.cut = False
    await world.advance(seconds(5))
    assert len(helper.events.of(LeaseAcquired)) == 1
    assert len(helper.events.of(StoreDisconnected)) == len(helper.events.of(StoreReconnected)) == 1


async def test_what_a_claim_took_whose_answer_was_lost_is_delivered_nevertheless(world: World) -> None:
    instance = await world.start("a")
    await world.start("b")
    message = await world.add(seconds(1))
    instance.line.lost_answers.append("claim_due")
    await world.advance(seconds(60))
    assert len(world.diary.of(message)) == 1


@pytest.mark.parametrize("call", ["partition_state", "acquire", "acquire_role", "settle", "renew", "resign_role"])
async def test_an_answer_that_was_lost_loses_no_message(world: World, call: str) -> None:
    instances = [await world.start(name) for name in "ab"]
    for instance in instances:
        instance.line.lost_answers.append(call)
    messages = [await world.add(seconds(delay)) for delay in (1, 5, 30)]
    await world.advance(seconds(60))
    assert {(await world.get(message)).status for message in messages} == {Status.DELIVERED}
    assert len(world.diary.begun) == 3


@pytest.mark.parametrize("call", ["partition_state", "acquire", "acquire_role", "claim_due", "renew"])
async def test_an_unforeseen_fault_is_told_of_and_the_loop_goes_on(world: World, call: str) -> None:
    instance = world.instance("a")
    instance.line.faults[call] = [RuntimeError("unforeseen")]
    _ = instance.task
    await world.advance(seconds(10))
    assert [(fault.partition, str(fault.error)) for fault in instance.events.of(UnexpectedErrorCaught)] == [
        (PARTITION, "unforeseen")
    ]
    message = await world.add(seconds(1))
    await world.advance(seconds(1))
    assert [begun.at for begun in world.diary.of(message)] == [message.due_at]


async def test_a_fault_does_not_give_back_what_is_being_delivered(world: World) -> None:
    instance = await world.start("a")
    await world.start("b")
    message = await world.add(seconds(1), takes=seconds(60))
    await world.advance(seconds(2))
    instance.line.faults["claim_due"] = [RuntimeError("unforeseen")]
    await world.advance(seconds(70))
    assert len(instance.events.of(UnexpectedErrorCaught)) == 1
    assert len(world.diary.of(message)) == 1
    assert instance.events.of(LeaseReleased) == []
    assert (await world.get(message)).status is Status.DELIVERED


async def test_a_fault_that_stays_does_not_keep_the_loop_busy(world: World) -> None:
    instance = await world.start("a")
    await world.advance(seconds(5))
    instance.line.faults["claim_due"] = [RuntimeError("unforeseen")] * 1000
    await world.advance(seconds(60))
    assert 50 <= len(instance.events.of(UnexpectedErrorCaught)) <= 70


async def test_when_one_instance_is_cut_off_the_others_do_its_work(world: World) -> None:
    lonely, other = await world.start("a"), await world.start("b")
    await world.advance(seconds(10))
    lonely.line.cut = True
    messages = [await world.add(seconds(delay)) for delay in (0.5, 1, 5, 50)]
    await world.advance(seconds(60))
    lateness = [world.diary.of(message)[0].at - message.due_at for message in messages]
    assert lateness == [ms(20), ms(20), ms(0), ms(0)]
    assert {begun.by for begun in world.diary.begun} == {"b"}
    assert lonely.events.of(MessagesDelivered) == []
    assert other.events.of(StoreDisconnected) == []
