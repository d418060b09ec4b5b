"""The channel to store targets: streams, lists and pub/sub channels of the store itself."""

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
    """Checks that messages can be published to their store targets. The store publishes them as it settles them.

    Publishing and settling are one step of the store, so both happen or neither does: delivery is exactly once,
    even if the instance dies in between. This channel only detects in advance what would fail.
    """

    def __init__(self, store_targets: StoreTargets, ids: IdGenerator) -> None:
        self._store_targets = store_targets
        self._ids = ids

    async def check(self, to: str) -> None:
        """Checks that a destination names a store target.

        Raises:
            InvalidDestinationError: The destination names no store target.
        """
        store_target_of(to)

    async def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Checks each store target once, then yields all outcomes together.

        The detail of a delivered message names the key in the store.
        """
        by_target: dict[tuple[str, Partition | None], Outcome] = {}
        outcomes: dict[MessageId, Outcome] = {}
        for message in batch.messages:
            target = (message.to, self._ids.partition_of(message.id))
            if target not in by_target:
                by_target[target] = await self._outcome_for(*target)
            outcomes[message.id] = by_target[target] if batch.may_start() else _NOT_STARTED
        yield outcomes

    async def _outcome_for(self, to: str, partition: Partition | None) -> Outcome:
        try:
            target = store_target_of(to)
        except InvalidDestinationError as error:
            return Failed(reason=str(error), permanent=True)
        if target is None or partition is None:
            return Failed(reason="the destination names no store target", permanent=True)
        return await self._check_target(target, partition)

    async def _check_target(self, target: StoreTarget, partition: Partition) -> Outcome:
        try:
            error_text = await self._store_targets.error_of(target, partition)
        except StoreUnavailableError as error:
            return Failed(reason=str(error))
        if error_text is not None:
            return Failed(reason=error_text)
        return Delivered(detail=f"{target.kind} {self._store_targets.key_of(target, partition)}")
