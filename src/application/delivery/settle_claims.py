"""Settling claims: writing each message in its next state, and recording the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import StoreUnavailableError
from ...domain.messages.status import Status
from ..events.events import (
    MessageDied,
    MessageExpired,
    MessageRetried,
    MessagesDelivered,
    MessagesGivenBack,
    SettlementIgnored,
    UnexpectedErrorCaught,
)
from ..storage.group_settlement import GroupSettlement
from .adoption import settle_adopted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ...domain.ids import MessageId
    from ...domain.messages.message import Message
    from ..ports.claim_store import ClaimStore
    from ..ports.clock import Clock
    from ..ports.event_recorder import EventRecorder
    from .claim_context import ClaimContext

SETTLE_RETRY_SECONDS = 0.1
"""The wait before a settlement is repeated."""


class SettleClaims:
    """Settles claims, repeatedly until the store answers, and records what was settled."""

    def __init__(self, claims: ClaimStore, clock: Clock, events: EventRecorder) -> None:
        self._settlement = GroupSettlement(claims)
        self._clock = clock
        self._events = events

    async def __call__(
        self, context: ClaimContext, messages: Sequence[Message], not_started: Collection[MessageId] = ()
    ) -> None:
        """Settles messages in the states given. `not_started` are the ids of those that were not tried.

        A settlement is repeated until the store answers, because an outage must not make the store forget a
        delivery. It is repeated even after the lease ran out: the store accepts it as long as no other owner has
        taken over the claims.
        """
        error_recorded = False
        while True:
            try:
                lost = await self._settlement.settle(context.lease, messages)
                if context.adopted:
                    lost = await settle_adopted(self._settlement.settle, context, messages, lost)
            except StoreUnavailableError:
                pass
            except Exception as error:  # noqa: BLE001  # an unexpected error must not lose a delivery either
                if not error_recorded:
                    self._events.record(UnexpectedErrorCaught(context.lease.partition, error))
                error_recorded = True
            else:
                context.on_settled([message.id for message in messages])
                return self._record(context, messages, lost, not_started)
            await self._clock.sleep_until(self._clock.monotonic() + SETTLE_RETRY_SECONDS)

    def _record(
        self,
        context: ClaimContext,
        messages: Sequence[Message],
        lost: frozenset[MessageId],
        not_started: Collection[MessageId],
    ) -> None:
        if lost:
            self._events.record(SettlementIgnored(context.lease, lost))
            messages = [message for message in messages if message.id not in lost]
        delivered = [message for message in messages if message.status is Status.DELIVERED]
        if delivered:
            self._events.record(MessagesDelivered(context.lease, delivered))
        given_back = [message for message in messages if message.id in not_started] if not_started else []
        if given_back:
            self._events.record(MessagesGivenBack(context.lease, given_back))
        if len(delivered) + len(given_back) < len(messages):
            self._record_failed(context, [message for message in messages if message.id not in not_started])

    def _record_failed(self, context: ClaimContext, messages: Sequence[Message]) -> None:
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
