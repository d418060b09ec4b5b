"""The channel to store targets in the store itself: streams, lists, subscribers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import InvalidDestinationError, StoreUnavailableError
from ...domain.messages.outcome import Delivered, Failed, NotStarted
from ...domain.messages.store_target import StoreTarget, store_target_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from ...application.ports.delivery_channel import Batch
    from ...application.ports.id_generator import IdGenerator
    from ...application.ports.store_targets import StoreTargets
    from ...domain.ids import MessageId
    from ...domain.lease import Partition
    from ...domain.messages.outcome import Outcome

_NOT_STARTED = NotStarted()


class StoreTargetChannel:
    """Hands nothing over by itself: a message that is delivered to a place is put there as it is settled.

    Both are one step of the store, so that entry and settlement happen together or not at all: exactly once, even
    where the instance dies in between. What can be seen beforehand is looked at here.
    """

    def __init__(self, store_targets: StoreTargets, ids: IdGenerator) -> None:
        self._places = store_targets
        self._ids = ids

    async def check(self, to: str) -> None:
        """Refuses what names no place."""
        store_target_of(to)

    async def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Looks at each place once, then yields all outcomes at once. Each tells the key, as the store has it."""
        seen: dict[tuple[str, Partition | None], Outcome] = {}
        outcomes: dict[MessageId, Outcome] = {}
        for message in batch.messages:
            where = (message.to, self._ids.partition_of(message.id))
            if where not in seen:
                seen[where] = await self._outcome_at(*where)
            outcomes[message.id] = seen[where] if batch.may_start() else _NOT_STARTED
        yield outcomes

    async def _outcome_at(self, to: str, partition: Partition | None) -> Outcome:
        try:
            place = store_target_of(to)
        except InvalidDestinationError as error:
            return Failed(reason=str(error), permanent=True)
        if place is None or partition is None:
            return Failed(reason="the destination names no place", permanent=True)
        return await self._seen_at(place, partition)

    async def _seen_at(self, place: StoreTarget, partition: Partition) -> Outcome:
        try:
            fault = await self._places.error_of(place, partition)
        except StoreUnavailableError as error:
            return Failed(reason=str(error))
        if fault is not None:
            return Failed(reason=fault)
        return Delivered(detail=f"{place.kind} {self._places.key_of(place, partition)}")
