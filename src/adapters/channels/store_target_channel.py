"""The channel to store targets: streams, lists and pub/sub channels of the store itself."""

from __future__ import annotations

from fnmatch import fnmatchcase
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

    def __init__(self, store_targets: StoreTargets, ids: IdGenerator, places: tuple[str, ...] = ()) -> None:
        """Creates a channel to the targets of a store.

        Args:
            store_targets: Knows the keys of the targets.
            ids: Knows the partition of a message.
            places: Patterns of the targets that may be written to (as in `fnmatch`), such as `stream:orders-*`.
                Empty: all targets.
        """
        self._store_targets = store_targets
        self._ids = ids
        self._places = places

    async def check(self, to: str) -> None:
        """Checks that a destination names a store target that may be written to.

        Raises:
            InvalidDestinationError: The destination names no store target, or one that is not allowed.
        """
        target = store_target_of(to)
        if target is not None and (error_text := self._permission_error(target)) is not None:
            raise InvalidDestinationError(error_text)

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

    def _permission_error(self, target: StoreTarget) -> str | None:
        if not self._places or any(fnmatchcase(target.place, pattern) for pattern in self._places):
            return None
        return f"may not be written to; allowed are: {', '.join(self._places)}"

    async def _check_target(self, target: StoreTarget, partition: Partition) -> Outcome:
        if (error_text := self._permission_error(target)) is not None:
            return Failed(reason=f"the destination {error_text}")
        try:
            error_text = await self._store_targets.error_of(target, partition)
        except StoreUnavailableError as error:
            return Failed(reason=str(error))
        if error_text is not None:
            return Failed(reason=error_text)
        return Delivered(detail=f"{target.kind} {self._store_targets.key_of(target, partition)}")
