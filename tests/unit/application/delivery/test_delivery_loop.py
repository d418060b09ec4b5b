"""When a delivery loop delivers, alone and together with other instances."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from postdate.application.delivery.loop_settings import LoopSettings
from postdate.application.events.events import MessageRetried, MessagesClaimed, MessagesDelivered
from postdate.domain.errors import LeaseLostError, StoreUnavailableError
from postdate.domain.lease import Role
from postdate.domain.messages.outcome import Failed
from postdate.domain.messages.status import Status
from tests.unit.application.world import PARTITION, let_others_run, ms, seconds

if TYPE_CHECKING:
    from datetime import timedelta

    from tests.unit.application.world import World

HOUR = seconds(3600)


@pytest.mark.parametrize("due_in", [ms(1), ms(20), ms(999), seconds(1), ms(2345), seconds(60)])
@pytest.mark.parametrize("instances", [1, 2, 3])
async def test_a_message_is_delivered_once_at_the_millisecond_it_is_due(
    world: World, due_in: timedelta, instances: int
) -> None:
    for name in "abc"[:instances]:
        await world.start(name)
    message = await world.add(due_in)
    await world.advance(due_in - ms(1))
    assert world.diary.begun == []
    await world.advance(ms(1))
    assert [(begun.by, begun.at) for begun in world.diary.of(message)] == [("a", message.due_at)]
    await world.advance(seconds(10))
    assert len(world.diary.begun) == 1
    assert (await world.get(message)).status is Status.DELIVERED


async def test_messages_overdue_at_the_start_are_delivered_at_once_in_due_order(world: World) -> None:
    messages = [await world.add(seconds(-delay)) for delay in (1, 3, 2)]
    await world.start("a")
    order = [messages[1], messages[2], messages[0]]
    assert [begun.message.id for begun in world.diary.begun] == [message.id for message in order]


async def test_messages_due_in_the_same_millisecond_are_delivered_in_order_of_acceptance(world: World) -> None:
    await world.start("a", LoopSettings(batch_size=3))
    messages = [await world.add(seconds(5)) for _ in range(10)]
    await world.advance(seconds(5))
    assert [begun.message.id for begun in world.diary.begun] == [message.id for message in messages]


async def test_an_earlier_message_wakes_the_leader(world: World) -> None:
    await world.start("a", LoopSettings(poll_interval=HOUR))
    await world.start("b", LoopSettings(poll_interval=HOUR))
    later = await world.add(seconds(600))
    sooner = await world.add(ms(1500))
    await world.advance(seconds(600))
    assert [(begun.message.id, begun.by, begun.at) for begun in world.diary.begun] == [
        (sooner.id, "a", sooner.due_at),
        (later.id, "a", later.due_at),
    ]


async def test_a_ring_during_a_claim_of_the_leader_is_not_lost(world: World) -> None:
    leader = await world.start("a", LoopSettings(poll_interval=HOUR))
    leader.line.delays["claim_due"] = ms(50)
    world.doorbell.ring([PARTITION])
    await world.advance(ms(10))
    del leader.line.delays["claim_due"]
    message = await world.add(ms(500))
    await world.advance(seconds(1))
    assert [begun.at for begun in world.diary.of(message)] == [message.due_at]


async def test_a_ring_during_a_check_of_the_standby_is_not_lost(world: World) -> None:
    settings = LoopSettings(poll_interval=HOUR, lease_ttl=HOUR)
    leader, standby = [await world.start(name, settings) for name in "ab"]
    standby.line.delays["partition_state"] = ms(50)
    world.doorbell.ring([PARTITION])
    await world.advance(ms(10))
    await leader.kill()
    del standby.line.delays["partition_state"]
    message = await world.add(ms(500))
    await world.advance(seconds(1))
    assert [(begun.by, begun.at - message.due_at) for begun in world.diary.of(message)] == [
        ("b", settings.step_in_delay)
    ]


async def test_a_lost_ring_delays_a_message_by_at_most_a_poll_interval(world: World) -> None:
    await world.start("a")
    message = world.message(ms(10))
    await world.writer.add([message])
    await world.advance(seconds(1))
    assert [begun.at - message.due_at for begun in world.diary.of(message)] == [ms(990)]


async def test_a_retry_is_delivered_at_the_millisecond_it_is_due(world: World) -> None:
    instance = await world.start("a", LoopSettings(poll_interval=HOUR))
    instance.desk.answers = [Failed(reason="no answer"), Failed(reason="busy", retry_after=ms(7))]
    message = await world.add(seconds(1))
    await world.advance(seconds(60))
    assert [begun.at - message.due_at for begun in world.diary.of(message)] == [ms(0), ms(500), ms(507)]
    assert [event.message.due_at for event in instance.events.of(MessageRetried)] == [
        begun.at for begun in world.diary.of(message)[1:]
    ]


async def test_a_delivery_of_an_hour_is_not_repeated_while_its_owner_lives(world: World) -> None:
    for name in "abc":
        await world.start(name, LoopSettings(lease_ttl=seconds(60), poll_interval=seconds(30)))
    message = await world.add(seconds(1), takes=HOUR)
    await world.advance(seconds(2) + HOUR)
    assert len(world.diary.of(message)) == 1
    assert (await world.get(message)).status is Status.DELIVERED
    assert (await world.get(message)).attempts == 1


async def test_a_delivery_of_an_hour_does_not_delay_others(world: World) -> None:
    await world.start("a")
    await world.add(seconds(1), takes=HOUR)
    others = [await world.add(seconds(delay)) for delay in (1, 2, 120)]
    await world.advance(seconds(121))
    assert [[begun.at for begun in world.diary.of(other)] for other in others] == [
        [other.due_at] for other in others
    ]


async def test_a_claim_takes_no_more_messages_than_there_is_free_capacity(world: World) -> None:
    instance = await world.start("a", LoopSettings(batch_size=2, max_in_flight=3))
    messages = [await world.add(seconds(1), takes=seconds(10)) for _ in range(7)]
    await world.advance(seconds(1))
    assert [len(event.messages) for event in instance.events.of(MessagesClaimed)] == [2, 1]
    await world.advance(seconds(60))
    assert {(await world.get(message)).status for message in messages} == {Status.DELIVERED}
    assert len(world.diary.begun) == 7


async def test_freed_capacity_is_used_at_once(world: World) -> None:
    await world.start("a", LoopSettings(max_in_flight=1, poll_interval=HOUR))
    messages = [await world.add(seconds(1), takes=seconds(5)) for _ in range(3)]
    await world.advance(seconds(60))
    assert [begun.at for begun in world.diary.begun] == [
        messages[0].due_at + seconds(delay) for delay in (0, 5, 10)
    ]


async def test_instances_without_a_role_help_with_a_backlog(world: World) -> None:
    settings = LoopSettings(batch_size=2, max_in_flight=2)
    leader, standby, third = [await world.start(name, settings) for name in "abc"]
    messages = [await world.add(seconds(1), takes=seconds(5)) for _ in range(40)]
    await world.advance(seconds(90))
    assert {(await world.get(message)).status for message in messages} == {Status.DELIVERED}
    assert len(world.diary.begun) == 40
    shares = [len(instance.events.of(MessagesDelivered)) for instance in (leader, standby, third)]
    assert min(shares) >= 6
    assert len(await world.roles()) == 2


async def test_an_instance_without_a_role_stops_claiming_after_the_backlog(world: World) -> None:
    settings = LoopSettings(batch_size=2, max_in_flight=2)
    _, _, third = [await world.start(name, settings) for name in "abc"]
    for _ in range(12):
        await world.add(seconds(1), takes=seconds(5))
    await world.advance(seconds(60))
    assert third.events.of(MessagesDelivered)
    third.line.calls.clear()
    await world.advance(seconds(60))
    assert set(third.line.calls) == {"partition_state"}


async def test_an_instance_without_a_role_asks_for_one_about_once_per_poll_interval_during_a_long_delivery(
    world: World,
) -> None:
    settings = LoopSettings(batch_size=1, max_in_flight=1)
    _, _, third = [await world.start(name, settings) for name in "abc"]
    for _ in range(3):
        await world.add(seconds(1), takes=HOUR)
    await world.add(HOUR)
    await world.advance(seconds(10))
    assert third.events.of(MessagesClaimed)
    third.line.calls.clear()
    await world.advance(seconds(60))
    assert third.line.calls.count("acquire_role") <= 122


@pytest.mark.parametrize("name", ["a", "b", "c"])
async def test_an_idle_instance_asks_the_store_about_once_per_poll_interval(world: World, name: str) -> None:
    instances = {other: await world.start(other, LoopSettings(lease_ttl=seconds(30))) for other in "abc"}
    await world.add(HOUR)
    line = instances[name].line
    await world.advance(seconds(10))
    line.calls.clear()
    await world.advance(seconds(60))
    assert 55 <= sum(call != "renew" for call in line.calls) <= 70


async def test_run_once_delivers_all_due_messages_whichever_instance_is_the_leader(world: World) -> None:
    await world.start("leader", LoopSettings(max_in_flight=0))
    await world.start("standby", LoopSettings(max_in_flight=0))
    due = [await world.add(seconds(0), takes=seconds(5)) for _ in range(5)]
    later = await world.add(seconds(1))
    once = asyncio.create_task(world.instance("once", LoopSettings(batch_size=2, max_in_flight=2)).loop.run_once())
    await world.advance(seconds(14))
    assert not once.done()
    await world.advance(seconds(6))
    await once
    assert {(await world.get(message)).status for message in due} == {Status.DELIVERED}
    assert {begun.by for begun in world.diary.begun} == {"once"}
    assert set(await world.roles()) == set(Role)
    assert (await world.get(later)).attempts <= 1


async def test_run_once_ends_at_once_if_no_message_is_due(world: World) -> None:
    message = await world.add(seconds(1))
    await world.instance("once").loop.run_once()
    assert await world.get(message) == message
    assert await world.roles() == {}


async def test_run_once_waits_for_its_deliveries_however_long_they_take(world: World) -> None:
    message = await world.add(seconds(0), takes=HOUR)
    settings = LoopSettings(lease_ttl=seconds(60))
    once = asyncio.create_task(world.instance("once", settings).loop.run_once())
    await world.advance(HOUR)
    await once
    assert (await world.get(message)).status is Status.DELIVERED


async def test_run_once_claims_nothing_more_after_a_stop(world: World) -> None:
    first = await world.add(seconds(0), takes=seconds(5))
    second = await world.add(seconds(0))
    instance = world.instance("once", LoopSettings(max_in_flight=1))
    once = asyncio.create_task(instance.loop.run_once())
    await world.advance(seconds(1))
    instance.loop.stop()
    await world.advance(seconds(4))
    await once
    assert (await world.get(first)).status is Status.DELIVERED
    assert await world.get(second) == second


@pytest.mark.parametrize("error", [StoreUnavailableError("away"), LeaseLostError("once", 1)])
async def test_run_once_raises_an_error_after_its_deliveries_have_ended(world: World, error: Exception) -> None:
    first = await world.add(seconds(0), takes=seconds(5))
    second = await world.add(seconds(0))
    instance = world.instance("once", LoopSettings(batch_size=1))
    once = asyncio.create_task(instance.loop.run_once())
    instance.line.delays["claim_due"] = ms(100)
    await world.advance(ms(50))
    instance.line.faults["claim_due"].append(error)
    await world.advance(seconds(4))
    assert not once.done()
    await world.advance(seconds(2))
    with pytest.raises(type(error)):
        await once
    assert (await world.get(first)).status is Status.DELIVERED
    assert (await world.get(second)).status is Status.SCHEDULED


async def test_a_loop_delivers_no_messages_of_other_partitions(world: World) -> None:
    await world.start("a")
    elsewhere = replace(world.message(seconds(1)), id=world.ids.next(world.clock.now()))
    elsewhere = replace(elsewhere, id=type(elsewhere.id)(elsewhere.id[:-1] + "1"))
    assert world.ids.partition_of(elsewhere.id) != PARTITION
    await world.writer.add([elsewhere])
    await world.advance(seconds(10))
    await let_others_run()
    assert world.diary.begun == []
