"""An instance at work under one lease."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from .deliver_due_messages import ClaimContext

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ...domain.ids import MessageId
    from ...domain.lease import Lease
    from ...domain.messages.message import Message
    from ..ports.claim_store import ClaimResult
    from .deliver_due_messages import DeliverDueMessages
    from .in_flight import InFlight
    from .lease_keeper import LeaseKeeper


class Claimer:
    """Claims for one lease, as much as there is room for."""

    def __init__(
        self,
        keeper: LeaseKeeper,
        deliver: DeliverDueMessages,
        in_flight: InFlight,
        batch: int,
        stopping: Callable[[], bool],
        on_retry: Callable[[], None],
    ) -> None:
        self._keeper = keeper
        self._deliver = deliver
        self._in_flight = in_flight
        self._batch = batch
        self._stopping = stopping
        self._held: set[MessageId] = set()
        self._claim_unanswered = False
        self._hold = ClaimContext(lease=keeper.lease, may_start=self._may_start, on_retry=on_retry)

    @property
    def lease(self) -> Lease:
        """What is worked under."""
        return self._keeper.lease

    @property
    def is_active(self) -> bool:
        """Whether more may be claimed under the lease."""
        return not self._stopping() and not self._keeper.lost

    async def claim_all_due(self) -> ClaimResult | None:
        """Claims batch after batch, delivering meanwhile, until a claim comes back short; returns that one.

        `None` where it had to end before: off duty, or no room, and then a place is worth waiting for.

        Raises:
            LeaseLostError: the lease ran out.
            StoreUnavailableError: the store did not answer.
        """
        while self.is_active and (limit := min(self._batch, self._in_flight.room)) > 0:
            claimed = await self._claim(limit)
            self._start(list(claimed.messages))
            if len(claimed.messages) < limit:
                return claimed
        return None

    async def _claim(self, limit: int) -> ClaimResult:
        """Claims; first gives back what an earlier claim may have taken whose answer never came."""
        if self._claim_unanswered:
            await self._deliver.give_back_unacknowledged(self._hold, self._held)
        self._claim_unanswered = True
        claimed = await self._deliver.claim(self._hold, limit)
        self._claim_unanswered = False
        return claimed

    def _start(self, messages: list[Message]) -> None:
        if not messages:
            return
        ids = frozenset(message.id for message in messages)
        self._held |= ids

        def settled(settled_ids: Collection[MessageId]) -> None:
            self._held.difference_update(settled_ids)
            self._in_flight.settled(len(settled_ids), task)

        context = replace(self._hold, on_settled=settled)
        task = asyncio.create_task(self._deliver.deliver(context, messages))
        task.add_done_callback(lambda _: self._held.difference_update(ids))
        self._in_flight.start(len(messages), task)

    def _may_start(self) -> bool:
        return not self._stopping() and self._keeper.trusted
