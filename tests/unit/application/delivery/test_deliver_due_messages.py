from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.application.channels import Channels
from postdate.application.delivery.claim_context import ClaimContext
from postdate.application.delivery.deliver_due_messages import (
    CHANNEL_CANCELLED,
    NO_CHANNEL,
    NO_OUTCOME,
    DeliverDueMessages,
)
from postdate.application.delivery.next_state import OWNERS_LOST
from postdate.application.events.events import (
    MessageDied,
    MessageExpired,
    MessageRetried,
    MessagesClaimed,
    MessagesDelivered,
    MessagesGivenBack,
    SettlementIgnored,
    UnexpectedErrorCaught,
)
from postdate.domain.errors import LeaseLostError, StoreUnavailableError
from postdate.domain.ids import MessageId
from postdate.domain.messages.history import Attempt, AttemptResult, Claim
from postdate.domain.messages.outcome import Delivered, Failed, Failure, NotStarted, Outcome
from postdate.domain.messages.retry import RetryPolicy
from postdate.domain.messages.status import Status
from postdate.domain.time.instant import LATEST
from tests.faults import FaultInjector
from tests.unit.application.world import PARTITION, let_others_run, ms, seconds

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from postdate.application.ports.delivery_channel import Batch
    from postdate.domain.lease import Lease
    from postdate.domain.messages.message import Message
    from tests.unit.application.world import World

FAILED = Failed(reason="no answer")
Groups = list[dict[MessageId, Outcome]]


class ScriptedChannel:
    """A channel that yields the outcomes that a test sets, group by group, and then raises the error it sets."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.groups: Callable[[Sequence[Message]], Groups] = lambda messages: [
            {message.id: Delivered() for message in messages}
        ]
        self.error: BaseException | None = None
        self.between: Callable[[], None] = lambda: None

    async def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        self.batches.append(batch)
        for group in self.groups(batch.messages):
            yield group
            self.between()
        if self.error:
            raise self.error

    def answer(self, outcome: Outcome) -> None:
        self.groups = lambda messages: [{message.id: outcome for message in messages}]


class Scene:
    """The use case, and the objects that it works with."""

    def __init__(self, world: World, lease: Lease) -> None:
        self.world = world
        self.line = FaultInjector(world.clock)
        self.events = MemoryEventRecorder()
        self.channel = ScriptedChannel()
        self.other_channel = ScriptedChannel()
        self.retries: list[None] = []
        self.lease = lease
        self.context = ClaimContext(
            lease=lease, may_start=lambda: True, on_retry=lambda: self.retries.append(None)
        )
        self.deliver = DeliverDueMessages(
            self.line.wrap(world.claims),
            Channels({"desk": self.channel, "other": self.other_channel}),
            world.clock,
            world.jitter,
            self.events,
        )

    async def add(self, **changes: object) -> Message:
        message = replace(self.world.message(timedelta(0)), **changes)  # type: ignore[arg-type]
        await self.world.writer.add([message])
        return message

    async def deliver_one(self, **changes: object) -> Message:
        """Makes a pass over one message, and returns the message as it is stored after that."""
        message = await self.add(**changes)
        await self.deliver(self.context, 10)
        return await self.world.get(message)


@pytest.fixture
async def scene(world: World) -> Scene:
    return Scene(world, await world.locks.acquire(PARTITION, "a", seconds(2)))


async def test_a_delivered_message_has_ended(scene: Scene) -> None:
    message = await scene.deliver_one()
    now = scene.world.clock.now()
    assert (message.status, message.attempts, message.ended_at) == (Status.DELIVERED, 1, now)
    claim = Claim(at=now, instance="a")
    claimed = replace(message, status=Status.DELIVERING, attempts=0, claim=claim, history=(), ended_at=None)
    assert scene.events.events == [
        MessagesClaimed(scene.lease, [claimed], 0),
        MessagesDelivered(scene.lease, [message]),
    ]
    assert scene.retries == []


async def test_a_pass_returns_its_claim(scene: Scene) -> None:
    messages = [await scene.add() for _ in range(3)]
    claimed = await scene.deliver(scene.context, 2)
    assert [message.id for message in claimed.messages] == [message.id for message in messages[:2]]
    assert [message.id for message in scene.channel.batches[0].messages] == [it.id for it in messages[:2]]
    assert scene.channel.batches[0].may_start is scene.context.may_start


async def test_a_pass_without_due_messages_does_nothing(scene: Scene) -> None:
    claimed = await scene.deliver(scene.context, 10)
    assert claimed.messages == []
    assert scene.events.events == []
    assert scene.line.calls == ["claim_due"]


async def test_a_claim_without_messages_records_the_claims_it_took_over(world: World, scene: Scene) -> None:
    dead = await world.locks.acquire(PARTITION, "dead", ms(100))
    await scene.add()
    await world.claims.claim_due(dead, 1)
    world.clock.advance(ms(100))
    await scene.deliver(scene.context, 0)
    assert scene.events.events == [MessagesClaimed(scene.lease, [], 1)]


@pytest.mark.parametrize("error", [StoreUnavailableError("away"), LeaseLostError("a", 1)])
async def test_an_error_of_a_claim_is_raised(scene: Scene, error: Exception) -> None:
    scene.line.faults["claim_due"].append(error)
    with pytest.raises(type(error)):
        await scene.deliver(scene.context, 10)


async def test_a_failed_message_is_tried_again_after_its_backoff_with_jitter(scene: Scene) -> None:
    scene.world.jitter.drawn = 0.25
    scene.channel.answer(FAILED)
    message = await scene.deliver_one(attempts=2)
    now = scene.world.clock.now()
    assert (message.status, message.attempts) == (Status.SCHEDULED, 3)
    assert message.due_at == now + seconds(1)
    assert message.at == now
    assert message.failures == (Failure(at=now, reason="no answer"),)
    assert scene.events.events[1:] == [MessageRetried(scene.lease, message)]
    assert scene.retries == [None]


async def test_a_wait_that_the_receiver_asked_for_overrides_the_backoff(scene: Scene) -> None:
    scene.channel.answer(Failed(reason="busy", retry_after=seconds(77)))
    message = await scene.deliver_one()
    assert message.due_at == scene.world.clock.now() + seconds(77)


@pytest.mark.parametrize(
    ("asked", "due_at"), [(timedelta.max, LATEST), (timedelta.min, None), (timedelta(0), None)]
)
async def test_a_wait_out_of_range_loses_no_message(scene: Scene, asked: timedelta, due_at: object) -> None:
    scene.channel.answer(Failed(reason="busy", retry_after=asked))
    message = await scene.deliver_one()
    assert (message.status, message.due_at) == (Status.SCHEDULED, due_at or scene.world.clock.now())


async def test_a_message_whose_attempts_are_used_up_is_dead(scene: Scene) -> None:
    scene.channel.answer(Failed(reason="no answer", retry_after=seconds(1)))
    message = await scene.deliver_one(attempts=4)
    now = scene.world.clock.now()
    assert (message.status, message.attempts, message.ended_at) == (Status.DEAD, 5, now)
    assert scene.events.events[1:] == [MessageDied(scene.lease, message)]
    assert scene.retries == []


async def test_a_message_that_fails_permanently_is_dead_at_once(scene: Scene) -> None:
    scene.channel.answer(Failed(reason="gone", permanent=True, retry_after=seconds(1)))
    message = await scene.deliver_one()
    assert (message.status, message.attempts) == (Status.DEAD, 1)
    assert [failure.reason for failure in message.failures] == ["gone"]


async def test_a_message_whose_delivery_was_not_started_is_given_back_without_an_attempt(scene: Scene) -> None:
    scene.channel.answer(NotStarted())
    message = await scene.deliver_one()
    assert (message.status, message.attempts, message.failures) == (Status.SCHEDULED, 0, ())
    assert message.due_at == scene.world.clock.now()
    assert scene.events.events[1:] == [MessagesGivenBack(scene.lease, [message])]
    assert scene.retries == []


async def test_a_message_of_a_busy_destination_is_postponed_without_an_attempt(scene: Scene) -> None:
    scene.channel.answer(NotStarted(wait=seconds(30)))
    message = await scene.deliver_one()
    assert (message.status, message.attempts, message.failures) == (Status.SCHEDULED, 0, ())
    assert message.due_at == scene.world.clock.now() + seconds(30)
    assert len(scene.retries) == 1
    assert scene.events.of(MessageRetried) == []
    assert len(scene.events.of(MessagesGivenBack)) == 1


async def test_each_group_is_reported_once_it_is_settled(scene: Scene) -> None:
    settled: list[set[MessageId]] = []
    first, second, third = [await scene.add() for _ in range(3)]
    scene.channel.groups = lambda batch: [{batch[1].id: Delivered()}, {batch[0].id: Failed(reason="no")}]
    await scene.deliver(replace(scene.context, on_settled=lambda ids: settled.append(set(ids))), 10)
    assert settled == [{second.id}, {first.id}, {third.id}]


async def test_deliveries_that_end_together_are_settled_together(scene: Scene) -> None:
    messages = [await scene.add() for _ in range(20)]
    claims = [(await scene.deliver.claim(scene.context, 1)).messages for _ in messages]
    await asyncio.gather(*(scene.deliver.deliver(scene.context, claimed) for claimed in claims))
    assert [(await scene.world.get(message)).status for message in messages] == [Status.DELIVERED] * 20
    assert scene.line.calls.count("settle") == 2


async def test_a_message_that_failed_before_and_is_given_back_is_not_recorded_as_a_retry(scene: Scene) -> None:
    scene.channel.answer(NotStarted())
    now = scene.world.clock.now()
    earlier = Attempt(claim=Claim(at=now, instance="a"), at=now, result=AttemptResult.FAILED, reason="earlier")
    message = await scene.deliver_one(attempts=1, history=(earlier,))
    assert (message.attempts, message.history) == (1, (earlier,))
    assert scene.events.events[1:] == [MessagesGivenBack(scene.lease, [message])]


async def test_an_error_of_a_channel_fails_the_messages_without_an_outcome(scene: Scene) -> None:
    messages = [await scene.add() for _ in range(3)]
    scene.channel.groups = lambda batch: [{batch[0].id: Delivered()}]
    scene.channel.error = ConnectionResetError("by peer")
    await scene.deliver(scene.context, 10)
    first, second, third = [await scene.world.get(message) for message in messages]
    assert first.status is Status.DELIVERED
    for message in (second, third):
        assert (message.status, message.attempts) == (Status.SCHEDULED, 1)
        assert [failure.reason for failure in message.failures] == ["ConnectionResetError: by peer"]


async def test_an_error_of_a_channel_after_all_outcomes_changes_nothing(scene: Scene) -> None:
    scene.channel.error = ConnectionResetError("by peer")
    assert (await scene.deliver_one()).status is Status.DELIVERED
    assert scene.line.calls == ["claim_due", "settle"]


async def test_messages_of_a_channel_that_cancels_its_own_work_have_failed(scene: Scene) -> None:
    scene.channel.groups = lambda _: []
    scene.channel.error = asyncio.CancelledError()
    message = await scene.deliver_one()
    assert message.status is Status.SCHEDULED
    assert [failure.reason for failure in message.failures] == [CHANNEL_CANCELLED.reason]


async def test_a_cancelled_pass_settles_nothing_more(world: World, scene: Scene) -> None:
    message = await scene.add()
    scene.line.delays["settle"] = seconds(60)
    scene.channel.groups = lambda _: [{}]
    passing = asyncio.create_task(scene.deliver(scene.context, 10))
    await let_others_run()
    passing.cancel()
    await let_others_run()
    assert passing.cancelled()
    assert (await world.get(message)).status is Status.DELIVERING


async def test_a_message_for_which_a_channel_gives_no_outcome_has_failed(scene: Scene) -> None:
    messages = [await scene.add() for _ in range(2)]
    scene.channel.groups = lambda batch: [{batch[1].id: Delivered()}]
    await scene.deliver(scene.context, 10)
    left_out, delivered = [await scene.world.get(message) for message in messages]
    assert delivered.status is Status.DELIVERED
    assert left_out.attempts == 1
    assert [failure.reason for failure in left_out.failures] == [NO_OUTCOME.reason]


async def test_a_message_whose_outcome_has_the_wrong_type_has_failed(scene: Scene) -> None:
    scene.channel.answer("yes")  # type: ignore[arg-type]
    message = await scene.deliver_one()
    assert (message.status, message.attempts) == (Status.SCHEDULED, 1)


async def test_outcomes_of_messages_outside_the_batch_are_ignored(scene: Scene) -> None:
    foreign = await scene.add(due_at=LATEST)
    scene.channel.groups = lambda batch: [{foreign.id: FAILED, MessageId("x"): FAILED}, {batch[0].id: Delivered()}]
    assert (await scene.deliver_one()).status is Status.DELIVERED
    assert await scene.world.get(foreign) == foreign
    assert [type(event) for event in scene.events.events] == [MessagesClaimed, MessagesDelivered]


async def test_the_first_outcome_of_a_message_counts(scene: Scene) -> None:
    scene.channel.groups = lambda batch: [{batch[0].id: Delivered()}, {batch[0].id: FAILED}]
    assert (await scene.deliver_one()).status is Status.DELIVERED
    assert scene.events.of(MessageRetried) == []


async def test_each_group_is_settled_as_soon_as_it_has_ended(scene: Scene) -> None:
    messages = [await scene.add() for _ in range(2)]
    seen: list[int] = []
    scene.channel.groups = lambda batch: [{message.id: Delivered()} for message in batch]
    scene.channel.between = lambda: seen.append(len(scene.events.of(MessagesDelivered)))
    await scene.deliver(scene.context, 10)
    assert seen == [1, 2]
    assert [(await scene.world.get(message)).status for message in messages] == [Status.DELIVERED] * 2


async def test_channels_do_not_wait_for_each_other(world: World, scene: Scene) -> None:
    slow = await world.add(seconds(0))
    quick = await scene.add(to="other:x")
    scene.channel.groups = lambda _: []
    scene.channel.error = None
    release = asyncio.Event()

    async def hang(batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        await release.wait()
        yield {message.id: Delivered() for message in batch.messages}

    scene.channel.deliver = hang  # type: ignore[method-assign]
    passing = asyncio.create_task(scene.deliver(scene.context, 10))
    await let_others_run()
    assert (await world.get(quick)).status is Status.DELIVERED
    assert (await world.get(slow)).status is Status.DELIVERING
    assert not passing.done()
    release.set()
    await passing
    assert (await world.get(slow)).status is Status.DELIVERED


async def test_a_stored_message_of_an_unknown_channel_is_retried_until_it_is_dead(scene: Scene) -> None:
    message = await scene.add(to="fax:1", retry=RetryPolicy(attempts=2, jitter=False))
    await scene.deliver(scene.context, 10)
    assert (await scene.world.get(message)).due_at == scene.world.clock.now() + seconds(1)
    scene.world.clock.advance(seconds(1))
    await scene.deliver(scene.context, 10)
    dead = await scene.world.get(message)
    assert (dead.status, dead.attempts) == (Status.DEAD, 2)
    assert [failure.reason for failure in dead.failures] == [NO_CHANNEL.reason] * 2
    assert scene.channel.batches == []


async def test_a_message_whose_owners_were_lost_too_often_is_dead_without_an_attempt(scene: Scene) -> None:
    dead = await scene.deliver_one(attempts=5)
    assert (dead.status, dead.attempts, dead.ended_at) == (Status.DEAD, 5, scene.world.clock.now())
    assert [failure.reason for failure in dead.failures] == [OWNERS_LOST]
    assert scene.channel.batches == []
    assert scene.events.events[1:] == [MessageDied(scene.lease, dead)]


async def test_an_expired_message_is_not_delivered(scene: Scene) -> None:
    now = scene.world.clock.now()
    expired = await scene.deliver_one(expires_at=now - timedelta(milliseconds=1))
    assert (expired.status, expired.attempts, expired.ended_at) == (Status.EXPIRED, 0, now)
    assert scene.channel.batches == []
    assert scene.events.events[1:] == [MessageExpired(scene.lease, expired)]


async def test_a_message_that_expires_now_is_delivered(scene: Scene) -> None:
    message = await scene.deliver_one(expires_at=scene.world.clock.now())
    assert message.status is Status.DELIVERED


async def test_a_failed_message_whose_next_attempt_would_be_after_its_expiry_has_expired(scene: Scene) -> None:
    now = scene.world.clock.now()
    scene.channel.answer(Failed(reason="no answer", retry_after=seconds(2)))
    expired = await scene.deliver_one(expires_at=now + timedelta(milliseconds=1999))
    assert (expired.status, expired.attempts, expired.ended_at) == (Status.EXPIRED, 1, now)
    assert [failure.reason for failure in expired.failures] == ["no answer"]
    assert scene.retries == []


async def test_settlements_have_times_of_whole_milliseconds(scene: Scene) -> None:
    scene.world.clock.advance(timedelta(microseconds=1999))
    scene.channel.answer(Failed(reason="no answer", retry_after=timedelta(microseconds=1999)))
    message = await scene.deliver_one()
    assert (message.due_at.microsecond, message.failures[0].at.microsecond) == (2000, 1000)
    scene.channel.answer(Delivered())
    ended_at = (await scene.deliver_one()).ended_at
    assert ended_at is not None
    assert ended_at.microsecond == 1000


async def test_a_settlement_is_repeated_until_the_store_is_back(world: World, scene: Scene) -> None:
    message = await scene.add()
    scene.channel.between = lambda: None
    claimed = await scene.deliver.claim(scene.context, 10)
    scene.line.cut = True
    passing = asyncio.create_task(scene.deliver.deliver(scene.context, claimed.messages))
    await world.advance(seconds(60))
    assert not passing.done()
    assert scene.events.of(MessagesDelivered) == []
    scene.line.cut = False
    await world.advance(ms(100))
    assert passing.done()
    assert (await world.get(message)).status is Status.DELIVERED
    assert len(scene.events.of(MessagesDelivered)) == 1
    assert scene.events.of(SettlementIgnored) == []
    assert len(scene.channel.batches) == 1


async def test_a_settlement_is_repeated_after_unexpected_errors_and_the_first_one_is_recorded(
    world: World, scene: Scene
) -> None:
    message = await scene.add()
    scene.line.faults["settle"] = [RuntimeError("unexpected"), RuntimeError("again")]
    passing = asyncio.create_task(scene.deliver(scene.context, 10))
    await world.advance(seconds(1))
    assert passing.done()
    assert (await world.get(message)).status is Status.DELIVERED
    assert [str(event.error) for event in scene.events.of(UnexpectedErrorCaught)] == ["unexpected"]


async def test_lost_claims_are_recorded_and_not_as_delivered(world: World, scene: Scene) -> None:
    lost, owned = [await scene.add() for _ in range(2)]
    claimed = await scene.deliver.claim(scene.context, 10)
    await world.claims.settle(scene.lease, [claimed.messages[0].given_back()])
    await scene.deliver.deliver(scene.context, claimed.messages)
    assert scene.events.of(SettlementIgnored) == [SettlementIgnored(scene.lease, frozenset({lost.id}))]
    assert [[it.id for it in event.messages] for event in scene.events.of(MessagesDelivered)] == [[owned.id]]
    assert await world.get(lost) == lost


async def test_a_late_settlement_by_an_earlier_owner_changes_nothing(world: World, scene: Scene) -> None:
    message = await scene.add()
    claimed = await scene.deliver.claim(scene.context, 10)
    world.clock.advance(seconds(2))
    successor = await world.locks.acquire(PARTITION, "successor", seconds(2))
    await world.claims.claim_due(successor, 10)
    await scene.deliver.deliver(scene.context, claimed.messages)
    assert scene.events.of(SettlementIgnored) == [SettlementIgnored(scene.lease, frozenset({message.id}))]
    assert scene.events.of(MessagesDelivered) == []
    assert (await world.get(message)).status is Status.DELIVERING


async def test_a_settlement_after_the_lease_ran_out_counts_if_no_owner_took_over(
    world: World, scene: Scene
) -> None:
    message = await scene.add()
    claimed = await scene.deliver.claim(scene.context, 10)
    world.clock.advance(seconds(60))
    await scene.deliver.deliver(scene.context, claimed.messages)
    assert (await world.get(message)).status is Status.DELIVERED
