"""The use case that delivers what is due: one pass."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...domain.errors import StoreUnavailableError
from ...domain.messages.outcome import Delivered, Failed, Failure, NotStarted, Outcome, truncate
from ...domain.messages.status import Status
from ...domain.time.instant import instant_after, truncate_to_ms
from ..events.events import (
    MessageDied,
    MessageExpired,
    MessageRetried,
    MessagesClaimed,
    MessagesDelivered,
    MessagesGivenBack,
    SettlementIgnored,
    UnexpectedErrorCaught,
)
from ..ports.delivery_channel import Batch
from ..storage.group_settlement import GroupSettlement

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from ...domain.ids import MessageId
    from ...domain.lease import Lease
    from ...domain.messages.message import Message
    from ..channels import Channels
    from ..ports.claim_store import ClaimResult, ClaimStore
    from ..ports.clock import Clock
    from ..ports.delivery_channel import DeliveryChannel
    from ..ports.event_recorder import EventRecorder
    from ..ports.jitter import Jitter

NO_OUTCOME = Failed(reason="the channel gave no outcome")
CHANNEL_CANCELLED = Failed(reason="the channel cancelled its own work")
NO_CHANNEL = Failed(reason="this instance has no such channel")
OWNERS_LOST = "owner lost: every instance that tried it ended before it had settled it"
SETTLE_AGAIN_AFTER = 0.1
"""Seconds between two tries to settle while the store is away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimContext:
    """What a pass acts under.

    Attributes:
        lease: the lease whose token its claims carry.
        may_start: whether a delivery may still be begun.
        on_retry: called when messages wait for another attempt, which the sleep of the watch knows nothing of.
        on_settled: called with messages as soon as they are settled, or their claims are lost.
    """

    lease: Lease
    may_start: Callable[[], bool]
    on_retry: Callable[[], None] = lambda: None
    on_settled: Callable[[Collection[MessageId]], None] = lambda _: None


class DeliverDueMessages:
    """Claims due messages, delivers them through their channels and settles what came of it."""

    def __init__(
        self, claims: ClaimStore, channels: Channels, clock: Clock, jitter: Jitter, events: EventRecorder
    ) -> None:
        self._claims = claims
        self._settlement = GroupSettlement(claims)
        self._channels = channels
        self._clock = clock
        self._jitter = jitter
        self._events = events

    async def __call__(self, context: ClaimContext, limit: int) -> ClaimResult:
        """Makes one pass over up to `limit` messages and returns the claim it began with.

        Raises:
            LeaseLostError: the lease ran out before anything was claimed.
            StoreUnavailableError: the store did not answer the claim.
        """
        claimed = await self.claim(context, limit)
        await self.deliver(context, claimed.messages)
        return claimed

    async def claim(self, context: ClaimContext, limit: int) -> ClaimResult:
        """Makes the first half of a pass: takes up to `limit` due messages. Raises as the whole does."""
        claimed = await self._claims.claim_due(context.lease, limit)
        if claimed.messages or claimed.taken_over:
            self._events.record(MessagesClaimed(context.lease, claimed.messages, claimed.taken_over))
        return claimed

    async def give_back_unacknowledged(self, context: ClaimContext, held: Collection[MessageId]) -> None:
        """Gives back what a claim took whose answer was lost: all that the lease has and nobody here holds."""
        await self._claims.give_back_unacknowledged(context.lease, held)

    async def deliver(self, context: ClaimContext, messages: Sequence[Message]) -> None:
        """Makes the second half: delivers claimed messages and settles them, channel by channel at once.

        It returns when each is settled or its claim is lost.
        """
        groups, hopeless = self._by_channel(messages)
        async with asyncio.TaskGroup() as tasks:
            for channel, group in groups.items():
                tasks.create_task(self._deliver_through(channel, context, group))
            if hopeless:
                tasks.create_task(self._settle(context, hopeless))

    def _by_channel(
        self, messages: Sequence[Message]
    ) -> tuple[Mapping[DeliveryChannel, Sequence[Message]], Sequence[Message]]:
        """Parts messages by channel, in order; what cannot be tried comes second, in the state that follows."""
        now = truncate_to_ms(self._clock.now())
        groups: dict[DeliveryChannel, list[Message]] = {}
        hopeless = []
        for message in messages:
            channel = self._channels.channel_for(message.to)
            if message.has_expired(now) or message.was_missed(now):
                hopeless.append(message.expired(now))
            elif not message.has_attempts_left:
                hopeless.append(message.given_up(Failure.truncated(OWNERS_LOST, now)))
            elif channel is None:
                hopeless.append(self._after_failure(message, NO_CHANNEL, now))
            else:
                groups.setdefault(channel, []).append(message)
        return groups, hopeless

    async def _deliver_through(
        self, channel: DeliveryChannel, context: ClaimContext, messages: Sequence[Message]
    ) -> None:
        waiting = {message.id: message for message in messages}
        missing: Outcome = NO_OUTCOME
        try:
            async with aclosing(channel.deliver(Batch(messages=messages, may_start=context.may_start))) as ended:
                async for outcomes in ended:
                    await self._settle_outcomes(context, waiting, outcomes)
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is None or task.cancelling():
                raise
            missing = CHANNEL_CANCELLED
        except Exception as error:  # noqa: BLE001  # whatever a channel raises is a failed delivery, not a crash
            missing = Failed(reason=f"{type(error).__name__}: {error}")
        if waiting:
            await self._settle_outcomes(context, waiting, dict.fromkeys(list(waiting), missing))

    async def _settle_outcomes(
        self, context: ClaimContext, waiting: dict[MessageId, Message], outcomes: Mapping[MessageId, Outcome]
    ) -> None:
        """Settles one group of outcomes and takes its messages from those that wait for theirs."""
        now = truncate_to_ms(self._clock.now())
        ended = {message_id: outcome for message_id, outcome in outcomes.items() if message_id in waiting}
        settled = [self._after(waiting[message_id], outcome, now) for message_id, outcome in ended.items()]
        for message_id in ended:
            del waiting[message_id]
        untried = {it: outcome for it, outcome in ended.items() if isinstance(outcome, NotStarted)}
        await self._settle(context, settled, untried.keys())
        if any(outcome.wait is not None for outcome in untried.values()):
            context.on_retry()

    def _after(self, message: Message, outcome: Outcome, now: datetime) -> Message:
        """Returns the message in the state that follows from what came of its attempt."""
        match outcome:
            case Delivered():
                return message.delivered(now, truncate(outcome.detail))
            case NotStarted():
                wait = outcome.wait
                return message.given_back() if wait is None else message.postponed(instant_after(now, wait))
            case _:  # and what is no outcome at all has no reason either, which makes the channel fail
                return self._after_failure(message, outcome, now)

    def _after_failure(self, message: Message, failed: Failed, now: datetime) -> Message:
        failure = Failure.truncated(failed.reason, now, failed.detail)
        attempts = message.attempts + 1
        if failed.permanent or not message.retry.allows_another(attempts):
            return message.died(failure)
        wait = failed.retry_after
        if wait is None:
            wait = message.retry.wait_after(attempts, self._jitter.fraction())
        due_at = instant_after(now, wait)
        if message.has_expired(due_at):
            return message.expired(now, failure)
        return message.retried(failure, due_at)

    async def _settle(
        self, context: ClaimContext, messages: Sequence[Message], untried: Collection[MessageId] = ()
    ) -> None:
        """Settles until the store has answered: what was delivered must not be forgotten because of a pause.

        Also after the lease ran out: as long as nobody took the claims over, the store counts the settlement.
        """
        faulted = False
        while True:
            try:
                lost = await self._settlement.settle(context.lease, messages)
            except StoreUnavailableError:
                pass
            except Exception as error:  # noqa: BLE001  # an unforeseen fault must not hide a delivery either
                if not faulted:
                    self._events.record(UnexpectedErrorCaught(context.lease.partition, error))
                faulted = True
            else:
                context.on_settled([message.id for message in messages])
                return self._report(context, messages, lost, untried)
            await self._clock.sleep_until(self._clock.monotonic() + SETTLE_AGAIN_AFTER)

    def _report(
        self,
        context: ClaimContext,
        messages: Sequence[Message],
        lost: frozenset[MessageId],
        untried: Collection[MessageId],
    ) -> None:
        if lost:
            self._events.record(SettlementIgnored(context.lease, lost))
            messages = [message for message in messages if message.id not in lost]
        delivered = [message for message in messages if message.status is Status.DELIVERED]
        if delivered:
            self._events.record(MessagesDelivered(context.lease, delivered))
        given_back = [message for message in messages if message.id in untried] if untried else []
        if given_back:
            self._events.record(MessagesGivenBack(context.lease, given_back))
        if len(delivered) + len(given_back) < len(messages):
            self._report_failed(context, [message for message in messages if message.id not in untried])

    def _report_failed(self, context: ClaimContext, messages: Sequence[Message]) -> None:
        retried = [message for message in messages if message.status is Status.SCHEDULED]
        for message in retried:
            self._events.record(MessageRetried(context.lease, message))
        for message in messages:
            if message.status is Status.DEAD:
                self._events.record(MessageDied(context.lease, message))
            elif message.status is Status.EXPIRED:
                self._events.record(MessageExpired(context.lease, message))
        if retried:
            context.on_retry()
