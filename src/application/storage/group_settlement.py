"""Group settlement: claims that are settled at the same time are settled together."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from .batcher import Batcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...domain.ids import MessageId
    from ...domain.lease import Lease
    from ...domain.messages.message import Message
    from ..ports.claim_store import ClaimStore

    _Batcher = Batcher[frozenset[MessageId]]

MIN_ALONE = 100
"""How many messages a settlement needs to be sent at once. A smaller one waits for the next batch."""
MAX_BATCH = 500
"""How many messages are settled in one batch."""


class GroupSettlement:
    """Combines the small settlements of each lease into batches.

    Deliveries that end one by one are settled one by one. Without batches, a thousand that end at the same time
    would need a thousand connections to the store.
    """

    def __init__(self, claims: ClaimStore) -> None:
        self._claims = claims
        self._batchers: WeakValueDictionary[Lease, _Batcher] = (
            WeakValueDictionary()
        )  # each as long as it has calls

    async def settle(self, lease: Lease, messages: Sequence[Message]) -> frozenset[MessageId]:
        """Settles as `ClaimStore.settle` does. A cancelled call may still be settled.

        Raises:
            StoreUnavailableError: The store did not answer. It is unknown which messages were settled.
        """
        if len(messages) >= MIN_ALONE:
            return await self._claims.settle(lease, messages)
        batcher = self._batchers.get(lease)
        if batcher is None:
            batcher = self._batchers[lease] = Batcher(
                lambda batch: self._claims.settle(lease, batch), _part_of, MAX_BATCH
            )
        return await batcher(messages)


def _part_of(lost: frozenset[MessageId], messages: Sequence[Message]) -> frozenset[MessageId]:
    """Returns the part of a batch's result that concerns the messages of one call."""
    return lost & {message.id for message in messages} if lost else lost
