"""What a delivery loop does while its store is away, and after an unexpected error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.application.delivery.loop_settings import LoopSettings
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
from postdate.domain.messages.retry import RetryPolicy
from postdate.domain.messages.status import Status
from tests.unit.application.world import PARTITION, ms, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


async def test_a_loop_waits_for_a_store_that_is_away_at_the_start(world: World) -> None:
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


async def test_an_outage_is_recorded_once_and_so_is_its_end(world: World) -> None:
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


async def test_a_store_that_is_away_is_asked_once_per_retry_interval(world: World) -> None:
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
async def test_a_lease_that_outlives_an_outage_is_kept_with_its_role(world: World, name: str) -> None:
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


async def test_a_lease_that_runs_out_during_an_outage_is_revived_with_its_role(world: World) -> None:
    instance = await world.start("a")
    instance.line.cut = True
    await world.advance(seconds(10))
    instance.line.cut = False
    await world.advance(seconds(10))
    assert instance.events.of(LeaseLost) == []
    assert len(instance.events.of(LeaseAcquired)) == 1
    assert Role.LEADER in await world.roles()


@pytest.mark.parametrize("role", Role)
async def test_a_revived_lease_gives_way_to_the_holder_of_its_role(world: World, role: Role) -> None:
    instances = [await world.start(name, LoopSettings(poll_interval=seconds(3600))) for name in "ab"]
    revived = instances[list(Role).index(role)]
    await world.advance(ms(100))
    other = await world.locks.acquire(PARTITION, "other", seconds(3600))
    lease = revived.events.of(LeaseAcquired)[0].lease
    world.partitions[PARTITION].leases[lease.token] = world.clock.now()
    assert await world.locks.acquire_role(other, role)
    revived.line.calls.clear()
    await world.advance(seconds(1))
    assert revived.events.of(LeaseLost) == []
    assert "acquire_role" in revived.line.calls
    assert not revived.loop.has_role


async def test_a_lease_that_is_taken_over_during_an_outage_is_replaced(world: World) -> None:
    instance = await world.start("a")
    instance.line.cut = True
    await world.advance(seconds(10))
    await world.claims.claim_due(await world.locks.acquire(PARTITION, "heir", seconds(1)), 0)
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
    assert instance.events.of(LeaseLost) == []
    delivered = await world.get(message)
    assert (delivered.status, delivered.attempts) == (Status.DELIVERED, 1)
    assert instance.events.of(SettlementIgnored) == []


async def test_a_delivery_continues_through_an_outage_that_its_lease_outlives(world: World) -> None:
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


async def test_a_delivery_continues_through_an_outage_that_its_lease_does_not_outlive(world: World) -> None:
    instance = await world.start("a")
    message = world.message(seconds(1), retry=RetryPolicy(attempts=1))
    world.durations[message.id] = seconds(60)
    await world.writer.add([message])
    await world.advance(seconds(5))
    instance.line.cut = True
    await world.advance(seconds(30))
    instance.line.cut = False
    await world.advance(seconds(60))
    assert len(world.diary.of(message)) == 1
    delivered = await world.get(message)
    assert (delivered.status, delivered.attempts) == (Status.DELIVERED, 1)
    assert instance.events.of(SettlementIgnored) == []


async def test_a_delivery_continues_through_a_step_of_the_stores_clock(world: World) -> None:
    await world.start("a")
    message = await world.add(seconds(1), takes=seconds(60))
    await world.advance(seconds(5))
    world.clock.shift_wall(seconds(600))
    other = await world.add(seconds(1))
    await world.advance(seconds(70))
    assert len(world.diary.of(message)) == len(world.diary.of(other)) == 1
    assert {(await world.get(it)).attempts for it in (message, other)} == {1}


async def test_an_instance_without_a_role_records_the_end_of_an_outage(world: World) -> None:
    settings = LoopSettings(batch_size=1, max_in_flight=1)
    _, _, third = [await world.start(name, settings) for name in "abc"]
    for _ in range(3):
        await world.add(seconds(1), takes=seconds(3600))
    await world.advance(seconds(5))
    assert len(third.events.of(LeaseAcquired)) == 1
    third.line.cut = True
    await world.advance(seconds(1.1))
    third.line.cut = False
    await world.advance(seconds(5))
    assert len(third.events.of(LeaseAcquired)) == 1
    assert len(third.events.of(StoreDisconnected)) == len(third.events.of(StoreReconnected)) == 1


async def test_messages_of_a_claim_whose_answer_was_lost_are_delivered(world: World) -> None:
    instance = await world.start("a")
    await world.start("b")
    message = await world.add(seconds(1))
    instance.line.lost_answers.append("claim_due")
    await world.advance(seconds(60))
    assert len(world.diary.of(message)) == 1


@pytest.mark.parametrize("call", ["partition_state", "acquire", "acquire_role", "settle", "renew", "resign_role"])
async def test_a_lost_answer_loses_no_message(world: World, call: str) -> None:
    instances = [await world.start(name) for name in "ab"]
    for instance in instances:
        instance.line.lost_answers.append(call)
    messages = [await world.add(seconds(delay)) for delay in (1, 5, 30)]
    await world.advance(seconds(60))
    assert {(await world.get(message)).status for message in messages} == {Status.DELIVERED}
    assert len(world.diary.begun) == 3


@pytest.mark.parametrize("call", ["partition_state", "acquire", "acquire_role", "claim_due", "renew"])
async def test_an_unexpected_error_is_recorded_and_the_loop_continues(world: World, call: str) -> None:
    instance = world.instance("a")
    instance.line.faults[call] = [RuntimeError("unexpected")]
    _ = instance.task
    await world.advance(seconds(10))
    assert [(event.partition, str(event.error)) for event in instance.events.of(UnexpectedErrorCaught)] == [
        (PARTITION, "unexpected")
    ]
    message = await world.add(seconds(1))
    await world.advance(seconds(1))
    assert [begun.at for begun in world.diary.of(message)] == [message.due_at]


async def test_an_unexpected_error_does_not_give_back_messages_that_are_being_delivered(world: World) -> None:
    instance = await world.start("a")
    await world.start("b")
    message = await world.add(seconds(1), takes=seconds(60))
    await world.advance(seconds(2))
    instance.line.faults["claim_due"] = [RuntimeError("unexpected")]
    await world.advance(seconds(70))
    assert len(instance.events.of(UnexpectedErrorCaught)) == 1
    assert len(world.diary.of(message)) == 1
    assert instance.events.of(LeaseReleased) == []
    assert (await world.get(message)).status is Status.DELIVERED


async def test_a_repeated_error_is_met_about_once_per_poll_interval(world: World) -> None:
    instance = await world.start("a")
    await world.advance(seconds(5))
    instance.line.faults["claim_due"] = [RuntimeError("unexpected")] * 1000
    await world.advance(seconds(60))
    assert 50 <= len(instance.events.of(UnexpectedErrorCaught)) <= 70


async def test_other_instances_do_the_work_of_one_that_is_cut_off_from_the_store(world: World) -> None:
    cut_off, other = await world.start("a"), await world.start("b")
    await world.advance(seconds(10))
    cut_off.line.cut = True
    messages = [await world.add(seconds(delay)) for delay in (0.5, 1, 5, 50)]
    await world.advance(seconds(60))
    lateness = [world.diary.of(message)[0].at - message.due_at for message in messages]
    assert lateness == [ms(20), ms(20), ms(0), ms(0)]
    assert {begun.by for begun in world.diary.begun} == {"b"}
    assert cut_off.events.of(MessagesDelivered) == []
    assert other.events.of(StoreDisconnected) == []
