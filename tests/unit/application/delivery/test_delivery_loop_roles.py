"""Which of several instances is the leader or the standby, and what happens when one of them dies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.application.delivery.loop_settings import LoopSettings
from postdate.application.events.events import (
    LeaseAcquired,
    LeaseLost,
    LeaseReleased,
    MessagesClaimed,
    MessagesDelivered,
    MessagesGivenBack,
    SettlementIgnored,
)
from postdate.domain.lease import Role
from postdate.domain.messages.status import Status
from tests.unit.application.world import PARTITION, let_others_run, ms, seconds

if TYPE_CHECKING:
    from datetime import timedelta

    from tests.unit.application.world import World

SETTINGS = LoopSettings()


async def test_one_instance_leads_one_stands_by_and_the_others_need_no_lease(world: World) -> None:
    instances = [await world.start(name) for name in "abcde"]
    await world.advance(seconds(60))
    assert set(await world.roles()) == {Role.LEADER, Role.STANDBY}
    assert [len(instance.events.of(LeaseAcquired)) for instance in instances] == [1, 1, 0, 0, 0]


@pytest.mark.parametrize("overdue", [ms(0), ms(19)])
async def test_the_standby_leaves_a_message_to_the_leader_during_the_step_in_delay(
    world: World, overdue: timedelta
) -> None:
    leader = await world.start("a")
    await world.start("b")
    message = await world.add(seconds(1))
    await world.advance(ms(900))
    await leader.kill()
    await world.advance(ms(100) + overdue)
    assert world.diary.of(message) == []


async def test_the_standby_steps_in_when_the_leader_is_dead(world: World) -> None:
    leader = await world.start("a")
    await world.start("b")
    messages = [await world.add(seconds(delay)) for delay in (1, 1.5, 2)]
    await world.advance(ms(900))
    await leader.kill()
    await world.advance(seconds(1.2))
    assert [(begun.by, begun.at - begun.message.due_at) for begun in world.diary.begun] == [
        ("b", SETTINGS.step_in_delay)
    ] * len(messages)


async def test_a_message_added_after_the_death_of_the_leader_is_late_by_the_step_in_delay(world: World) -> None:
    leader = await world.start("a")
    await world.start("b")
    await world.advance(seconds(10))
    await leader.kill()
    message = await world.add(ms(100))
    await world.advance(seconds(1))
    assert [(begun.by, begun.at - message.due_at) for begun in world.diary.of(message)] == [
        ("b", SETTINGS.step_in_delay)
    ]


async def test_the_standby_becomes_the_leader_once_the_lease_of_a_dead_leader_has_run_out(world: World) -> None:
    leader = await world.start("a")
    await world.start("b")
    third = await world.start("c")
    await world.advance(seconds(10))
    end_of_leader_lease = (await world.roles())[Role.LEADER]
    await leader.kill()
    message = await world.add(seconds(5))
    await world.advance(end_of_leader_lease - world.clock.now() - ms(1))
    assert Role.LEADER in await world.roles()
    await world.advance(ms(2))
    assert (await world.roles())[Role.LEADER] > end_of_leader_lease
    await world.advance(seconds(5))
    assert [(begun.by, begun.at) for begun in world.diary.of(message)] == [("b", message.due_at)]
    assert set(await world.roles()) == {Role.LEADER, Role.STANDBY}
    assert len(third.events.of(LeaseAcquired)) == 1


async def test_claims_of_a_dead_leader_are_taken_over_within_one_lease_and_counted(world: World) -> None:
    leader = await world.start("a")
    successor = await world.start("b")
    message = await world.add(seconds(1), takes=seconds(3600))
    await world.advance(seconds(10))
    await leader.kill()
    died_at = world.clock.now()
    world.durations.clear()
    await world.advance(SETTINGS.lease_ttl)
    begun = world.diary.of(message)
    assert [delivery.by for delivery in begun] == ["a", "b"]
    assert begun[1].at - died_at <= SETTINGS.lease_ttl
    delivered = await world.get(message)
    assert (delivered.status, delivered.attempts) == (Status.DELIVERED, 2)
    assert sum(event.taken_over for event in successor.events.of(MessagesClaimed)) == 1


async def test_claims_of_a_dead_instance_without_a_role_are_taken_over_as_soon_as_its_lease_has_run_out(
    world: World,
) -> None:
    settings = LoopSettings(batch_size=1, max_in_flight=1)
    leader, standby, third = [await world.start(name, settings) for name in "abc"]
    messages = [await world.add(seconds(1), takes=seconds(4)) for _ in range(3)]
    await world.advance(seconds(4))
    assert [begun.by for begun in world.diary.begun] == ["a", "b", "c"]
    await third.kill()
    died_at = world.clock.now()
    await world.advance(seconds(20))
    assert {(await world.get(message)).status for message in messages} == {Status.DELIVERED}
    again = world.diary.begun[3]
    assert again.by in {"a", "b"}
    assert again.at - died_at <= settings.lease_ttl
    assert leader.events.of(MessagesDelivered)
    assert standby.events.of(MessagesDelivered)


async def test_the_leader_wakes_at_the_time_at_which_the_lease_of_another_owner_runs_out(world: World) -> None:
    dead = await world.locks.acquire(PARTITION, "dead", seconds(7))
    message = await world.add(seconds(0))
    await world.claims.claim_due(dead, 1)
    await world.start("a", LoopSettings(poll_interval=seconds(3600)))
    await world.advance(seconds(60))
    assert [begun.at - message.due_at for begun in world.diary.of(message)] == [seconds(7)]


async def test_a_lease_that_a_claim_reports_as_lost_is_replaced_at_once(world: World) -> None:
    instance = await world.start("a")
    instance.line.delays["renew"] = seconds(3600)
    await world.advance(seconds(1))
    assert instance.line.calls.count("renew") == 1
    del instance.line.delays["renew"]
    world.partitions[PARTITION].end_lease(instance.events.of(LeaseAcquired)[0].lease.token)
    await world.advance(ms(1000))
    assert len(instance.events.of(LeaseLost)) == 1
    assert instance.events.of(LeaseReleased) == []
    assert len(instance.events.of(LeaseAcquired)) == 2


async def test_a_lease_that_a_claim_reports_as_lost_is_revived_at_once_if_it_only_ran_out(world: World) -> None:
    instance = await world.start("a")
    message = await world.add(seconds(1), takes=seconds(60))
    await world.advance(seconds(1.1))
    instance.line.delays["renew"] = seconds(3600)
    await world.advance(ms(500))
    del instance.line.delays["renew"]
    world.clock.shift_wall(seconds(3))
    other = await world.add(ms(200))
    await world.advance(ms(200))
    assert [begun.at for begun in world.diary.of(other)] == [other.due_at]
    await world.advance(seconds(70))
    assert instance.events.of(LeaseLost) == []
    assert len(world.diary.of(message)) == 1


async def test_a_message_that_kills_every_instance_becomes_a_dead_letter(world: World) -> None:
    message = await world.add(seconds(0), takes=seconds(3600))
    for number in range(message.retry.attempts):
        victim = await world.start(f"victim-{number}")
        await world.advance(seconds(2))
        assert len(world.diary.of(message)) == number + 1
        await victim.kill()
        await world.advance(seconds(2))
    await world.start("survivor")
    await world.advance(seconds(2))
    dead = await world.get(message)
    assert (dead.status, dead.attempts) == (Status.DEAD, message.retry.attempts)
    assert len(world.diary.of(message)) == message.retry.attempts


async def test_a_new_instance_delivers_after_all_others_have_died(world: World) -> None:
    for name in "abc":
        await (await world.start(name)).kill()
    message = await world.add(seconds(60))
    await world.start("d")
    await world.advance(seconds(60))
    assert [(begun.by, begun.at) for begun in world.diary.of(message)] == [("d", message.due_at)]


async def test_a_pause_shorter_than_the_lease_delays_no_later_message(world: World) -> None:
    paused = await world.start("a")
    message = await world.add(seconds(3))
    world.clock.advance(seconds(1.95))
    await let_others_run()
    await world.advance(seconds(60))
    assert [begun.at for begun in world.diary.of(message)] == [message.due_at]
    assert paused.events.of(LeaseLost) == []


async def test_messages_claimed_after_a_pause_are_given_back_without_an_attempt(world: World) -> None:
    paused = await world.start("a")
    paused.line.delays["renew"] = seconds(1.5)
    message = await world.add(ms(1900))
    await world.advance(seconds(1.95))
    assert world.diary.begun == []
    assert len(paused.events.of(MessagesGivenBack)) == 1
    del paused.line.delays["renew"]
    await world.advance(seconds(2))
    assert len(world.diary.of(message)) == 1
    assert (await world.get(message)).attempts == 1


async def test_a_delivery_continues_through_a_pause_longer_than_the_lease(world: World) -> None:
    instance = await world.start("a")
    message = await world.add(seconds(1), takes=seconds(10.4))
    await world.advance(seconds(1))
    world.clock.advance(seconds(10))
    await world.advance(seconds(10))
    assert instance.events.of(LeaseLost) == []
    assert len(instance.events.of(LeaseAcquired)) == 1
    assert len(world.diary.of(message)) == 1
    assert (await world.get(message)).status is Status.DELIVERED
    assert instance.events.of(SettlementIgnored) == []


async def test_claims_that_another_instance_took_over_are_not_settled_by_the_paused_owner(world: World) -> None:
    paused = await world.start("a")
    await world.start("b")
    message = await world.add(seconds(1), takes=seconds(8))
    await world.advance(seconds(2))
    paused.line.cut = True
    del world.durations[message.id]
    await world.advance(seconds(4))
    assert [begun.by for begun in world.diary.of(message)] == ["a", "b"]
    delivered = await world.get(message)
    paused.line.cut = False
    await world.advance(seconds(10))
    assert [event.message_ids for event in paused.events.of(SettlementIgnored)] == [{message.id}]
    assert paused.events.of(MessagesDelivered) == []
    assert await world.get(message) == delivered
    # A pause longer than the lease may cause two concurrent deliveries, which are recorded.
    world.diary.violations.clear()
