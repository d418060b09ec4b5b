"""What an instance does with a message that it claims under a new lease while it still delivers it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from postdate.application.events.events import LeaseAcquired, LeaseLost, SettlementIgnored
from postdate.domain.messages.outcome import Delivered, Failed, Failure
from postdate.domain.messages.retry import RetryPolicy
from postdate.domain.messages.status import Status
from tests.unit.application.world import PARTITION, let_others_run, ms, seconds

if TYPE_CHECKING:
    from postdate.domain.lease import Lease
    from postdate.domain.messages.message import Message
    from tests.unit.application.world import Instance, World


def lease_of(instance: Instance) -> Lease:
    return instance.events.of(LeaseAcquired)[-1].lease


def lose_lease(world: World, instance: Instance) -> None:
    """Ends the lease of an instance and gives its claims back, as a store that has gone back does."""
    contents = world.partitions[PARTITION]
    contents.give_back(lease_of(instance).token)
    contents.end_lease(lease_of(instance).token)


async def take_over(world: World) -> Lease:
    """Has another owner take the claims over that nobody holds any more."""
    heir = await world.locks.acquire(PARTITION, "heir", seconds(1))
    await world.claims.claim_due(heir, 0)
    return heir


async def in_flight(world: World, retry: RetryPolicy | None = None) -> tuple[Instance, Message]:
    """Starts an instance, and a delivery that takes a minute."""
    instance = await world.start("a")
    message = world.message(seconds(1), retry=retry or RetryPolicy())
    world.durations[message.id] = seconds(60)
    await world.writer.add([message])
    await world.advance(seconds(2))
    assert len(world.diary.of(message)) == 1
    return instance, message


async def test_a_message_that_a_lost_lease_gave_back_is_not_delivered_again(world: World) -> None:
    instance, message = await in_flight(world)
    lose_lease(world, instance)
    await world.advance(seconds(10))
    assert len(instance.events.of(LeaseAcquired)) == 2
    claimed = await world.get(message)
    assert claimed.status is Status.DELIVERING
    await world.advance(seconds(60))
    assert len(world.diary.of(message)) == 1
    delivered = await world.get(message)
    assert (delivered.status, delivered.attempts) == (Status.DELIVERED, 1)
    assert instance.events.of(SettlementIgnored) == []


async def test_a_message_may_be_adopted_again_and_again(world: World) -> None:
    instance, message = await in_flight(world)
    for leases in (2, 3, 4):
        instance.line.cut = True
        await world.advance(seconds(3))
        await take_over(world)
        instance.line.cut = False
        await world.advance(seconds(3))
        assert len(instance.events.of(LeaseAcquired)) == leases
    await world.advance(seconds(60))
    assert len(world.diary.of(message)) == 1
    delivered = await world.get(message)
    assert (delivered.status, delivered.attempts) == (Status.DELIVERED, 1)


async def test_the_only_attempt_of_a_message_that_was_taken_over_meanwhile_counts_once(world: World) -> None:
    instance, message = await in_flight(world, RetryPolicy(attempts=1))
    instance.line.cut = True
    await world.advance(seconds(3))
    await take_over(world)
    assert (await world.get(message)).attempts == 1
    instance.line.cut = False
    await world.advance(seconds(70))
    assert len(world.diary.of(message)) == 1
    delivered = await world.get(message)
    assert (delivered.status, delivered.attempts) == (Status.DELIVERED, 1)
    assert len(instance.events.of(LeaseLost)) == 1


async def test_what_another_owner_did_meanwhile_stays_in_the_history(world: World) -> None:
    instance, message = await in_flight(world)
    instance.line.cut = True
    await world.advance(seconds(3))
    heir = await take_over(world)
    (claimed,) = (await world.claims.claim_due(heir, 1)).messages
    failure = Failure(at=world.clock.now(), reason="refused")
    await world.claims.settle(heir, [claimed.retried(failure, world.clock.now())])
    instance.line.cut = False
    await world.advance(seconds(70))
    assert len(world.diary.of(message)) == 1
    delivered = await world.get(message)
    assert (delivered.status, delivered.attempts) == (Status.DELIVERED, 3)
    assert [it.reason for it in delivered.failures] == ["refused"]


async def test_a_message_that_was_edited_meanwhile_is_delivered_again(world: World) -> None:
    instance, message = await in_flight(world)
    lose_lease(world, instance)
    edited = await world.store.change(message.id, lambda it: replace(it, body=b'"edited"'))
    assert edited is not None
    await world.advance(seconds(130))
    assert [begun.message.body for begun in world.diary.of(message)] == [message.body, b'"edited"']
    delivered = await world.get(message)
    assert (delivered.status, delivered.body) == (Status.DELIVERED, b'"edited"')
    world.diary.violations.clear()  # the old body and the new one are two deliveries


async def test_a_message_that_was_settled_for_a_retry_is_delivered_once_the_answer_is_here(world: World) -> None:
    instance = await world.start("a")
    instance.desk.answers = [Failed(reason="busy", retry_after=seconds(1)), Delivered()]
    message = await world.add(seconds(1))
    instance.line.delays["settle"] = seconds(20)
    await world.advance(seconds(1))
    del instance.line.delays["settle"]
    await let_others_run()
    lose_lease(world, instance)
    await world.advance(seconds(10))
    assert (await world.get(message)).status is Status.DELIVERING
    assert len(world.diary.of(message)) == 1
    await world.advance(seconds(20))
    delivered = await world.get(message)
    assert (delivered.status, delivered.attempts) == (Status.DELIVERED, 2)
    assert len(world.diary.of(message)) == 2


async def test_an_adopted_message_is_not_given_back_with_unacknowledged_claims(world: World) -> None:
    instance, message = await in_flight(world)
    lose_lease(world, instance)
    await world.advance(seconds(5))
    instance.line.lost_answers.append("claim_due")
    other = await world.add(ms(500))
    await world.advance(seconds(5))
    assert instance.line.calls.count("give_back_unacknowledged") == 1
    await world.advance(seconds(60))
    assert len(world.diary.of(message)) == len(world.diary.of(other)) == 1
    assert (await world.get(message)).status is Status.DELIVERED
