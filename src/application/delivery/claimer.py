"""Claiming messages under one lease."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from .claim_context import ClaimContext

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
    """Claims due messages under one lease, up to the free capacity, and starts their deliveries."""

    def __init__(
        self,
        keeper: LeaseKeeper,
        deliver: DeliverDueMessages,
        in_flight: InFlight,
        batch_size: int,
        is_stopping: Callable[[], bool],
        on_retry: Callable[[], None],
    ) -> None:
        self._keeper = keeper
        self._deliver = deliver
        self._in_flight = in_flight
        self._batch_size = batch_size
        self._is_stopping = is_stopping
        self._acknowledged: set[MessageId] = set()
        self._is_answer_missing = False
        self._context = ClaimContext(lease=keeper.lease, may_start=self._may_start, on_retry=on_retry)

    @property
    def lease(self) -> Lease:
        """The lease under which messages are claimed."""
        return self._keeper.lease

    @property
    def is_active(self) -> bool:
        """Whether more may be claimed: the loop is not stopping, and the lease is not known to be lost."""
        return not self._is_stopping() and not self._keeper.is_lost

    @property
    def revivals(self) -> int:
        """How often the lease was revived. A role that was acquired before the last time may be another's now."""
        return self._keeper.revivals

    async def claim_all_due(self) -> ClaimResult | None:
        """Claims batch after batch until a claim returns less than it asked for. Returns that last claim.

        It does not wait for the deliveries that it starts. `None` means that it ended before: the claimer is not
        active any more, or there is no free capacity, for which the caller may then wait.

        Raises:
            LeaseLostError: The lease ran out.
            StoreUnavailableError: The store did not answer.
        """
        while self.is_active and (limit := min(self._batch_size, self._in_flight.free_capacity)) > 0:
            claimed = await self._claim(limit)
            self._start_delivery(list(claimed.messages))
            if len(claimed.messages) < limit:
                return claimed
        return None

    async def _claim(self, limit: int) -> ClaimResult:
        """Claims. If the answer to the last claim was lost, first gives back what that claim may have taken."""
        if self._is_answer_missing:
            await self._deliver.give_back_unacknowledged(self._context, self._acknowledged)
        self._is_answer_missing = True
        claimed = await self._deliver.claim(self._context, limit)
        self._is_answer_missing = False
        return claimed

    def _start_delivery(self, messages: list[Message]) -> None:
        self._acknowledged.update(message.id for message in messages)
        deliveries = self._in_flight.deliveries
        messages = [
            message
            for message in messages
            if not deliveries.adopt(self.lease, message, self._acknowledged.difference_update)
        ]
        if not messages:
            return
        ids = frozenset(message.id for message in messages)

        def on_settled(settled_ids: Collection[MessageId]) -> None:
            self._acknowledged.difference_update(settled_ids)
            self._in_flight.mark_settled(len(settled_ids), task)
            deliveries.end(context, settled_ids)

        context = replace(self._context, on_settled=on_settled, adopted={})
        deliveries.start(context, messages)
        task = asyncio.create_task(self._deliver.deliver(context, messages))
        task.add_done_callback(lambda _: self._acknowledged.difference_update(ids))
        task.add_done_callback(lambda _: deliveries.end(context, ids))
        self._in_flight.add(len(messages), task)

    def _may_start(self) -> bool:
        return not self._is_stopping() and self._keeper.is_trusted
