"""The use case that delivers due messages: one pass."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from ...domain.messages.outcome import Failed, NotStarted, Outcome
from ...domain.time.instant import truncate_to_ms
from ..events.events import MessagesClaimed
from ..ports.delivery_channel import Batch
from .next_state import state_after_failure, state_after_outcome, state_without_attempt
from .settle_claims import SettleClaims

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ...domain.ids import MessageId
    from ...domain.messages.message import Message
    from ..channels import Channels
    from ..ports.claim_store import ClaimResult, ClaimStore
    from ..ports.clock import Clock
    from ..ports.delivery_channel import DeliveryChannel
    from ..ports.event_recorder import EventRecorder
    from ..ports.jitter import Jitter
    from .claim_context import ClaimContext

NO_OUTCOME = Failed(reason="the channel gave no outcome")
CHANNEL_CANCELLED = Failed(reason="the channel cancelled its own work")
NO_CHANNEL = Failed(reason="this instance has no such channel")


class DeliverDueMessages:
    """Claims due messages, delivers them through their channels and settles them by their outcomes."""

    def __init__(
        self, claims: ClaimStore, channels: Channels, clock: Clock, jitter: Jitter, events: EventRecorder
    ) -> None:
        self._claims = claims
        self._settle = SettleClaims(claims, clock, events)
        self._channels = channels
        self._clock = clock
        self._jitter = jitter
        self._events = events

    async def __call__(self, context: ClaimContext, limit: int) -> ClaimResult:
        """Makes one pass: claims up to `limit` due messages, delivers and settles them. Returns the claim.

        Raises:
            LeaseLostError: The lease ran out before anything was claimed.
            StoreUnavailableError: The store did not answer the claim.
        """
        claimed = await self.claim(context, limit)
        await self.deliver(context, claimed.messages)
        return claimed

    async def claim(self, context: ClaimContext, limit: int) -> ClaimResult:
        """Claims up to `limit` due messages: the first half of a pass.

        Raises:
            LeaseLostError: The lease ran out. Nothing was claimed.
            StoreUnavailableError: The store did not answer. Messages may have been claimed nevertheless.
        """
        claimed = await self._claims.claim_due(context.lease, limit)
        if claimed.messages or claimed.taken_over:
            self._events.record(MessagesClaimed(context.lease, claimed.messages, claimed.taken_over))
        return claimed

    async def give_back_unacknowledged(self, context: ClaimContext, acknowledged: Collection[MessageId]) -> None:
        """Gives back unacknowledged claims: those of the lease that are not among the `acknowledged` messages.

        Such claims exist after the answer to a claim was lost.

        Raises:
            StoreUnavailableError: The store did not answer.
        """
        await self._claims.give_back_unacknowledged(context.lease, acknowledged)

    async def deliver(self, context: ClaimContext, messages: Sequence[Message]) -> None:
        """Delivers claimed messages and settles them: the second half of a pass. All channels work concurrently.

        Returns when each message is settled or its claim is lost.
        """
        groups, without_attempt = self._by_channel(messages)
        async with asyncio.TaskGroup() as tasks:
            for channel, group in groups.items():
                tasks.create_task(self._deliver_through(channel, context, group))
            if without_attempt:
                tasks.create_task(self._settle(context, without_attempt))

    def _by_channel(
        self, messages: Sequence[Message]
    ) -> tuple[Mapping[DeliveryChannel, Sequence[Message]], Sequence[Message]]:
        """Groups messages by channel, in order. Messages that cannot be tried come second, in their next state."""
        now = truncate_to_ms(self._clock.now())
        groups: dict[DeliveryChannel, list[Message]] = {}
        without_attempt = []
        for message in messages:
            if (ended := state_without_attempt(message, now)) is not None:
                without_attempt.append(ended)
            elif (channel := self._channels.channel_for(message.to)) is None:
                without_attempt.append(state_after_failure(message, NO_CHANNEL, now, self._jitter))
            else:
                groups.setdefault(channel, []).append(message)
        return groups, without_attempt

    async def _deliver_through(
        self, channel: DeliveryChannel, context: ClaimContext, messages: Sequence[Message]
    ) -> None:
        pending = {message.id: message for message in messages}
        missing: Outcome = NO_OUTCOME
        try:
            async with aclosing(channel.deliver(Batch(messages=messages, may_start=context.may_start))) as groups:
                async for outcomes in groups:
                    await self._settle_outcomes(context, pending, outcomes)
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is None or task.cancelling():
                raise
            missing = CHANNEL_CANCELLED
        except Exception as error:  # noqa: BLE001  # an error of a channel is a failed delivery, not a crash
            missing = Failed(reason=f"{type(error).__name__}: {error}")
        if pending:
            await self._settle_outcomes(context, pending, dict.fromkeys(list(pending), missing))

    async def _settle_outcomes(
        self, context: ClaimContext, pending: dict[MessageId, Message], outcomes: Mapping[MessageId, Outcome]
    ) -> None:
        """Settles the pending messages that have an outcome now, and removes them from `pending`."""
        now = truncate_to_ms(self._clock.now())
        ended = {message_id: outcome for message_id, outcome in outcomes.items() if message_id in pending}
        settled = [
            state_after_outcome(context.base_of(pending[message_id]), outcome, now, self._jitter)
            for message_id, outcome in ended.items()
        ]
        for message_id in ended:
            del pending[message_id]
        not_started = {
            message_id: outcome for message_id, outcome in ended.items() if isinstance(outcome, NotStarted)
        }
        await self._settle(context, settled, not_started.keys())
        if any(outcome.wait is not None for outcome in not_started.values()):
            context.on_retry()
