"""Settlements that are sent together where they come together."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from .batcher import Batcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...domain.ids import MessageId
    from ...domain.lease import Lease
    from ...domain.messages.message import Message
    from ..ports.message_store import MessageStore

    _Line = Batcher[frozenset[MessageId]]

SMALL = 100
"""Messages below which a settlement waits for one that is under way. A larger one is worth a round trip itself."""
MAX_CONCURRENT = 500


class GroupSettlement:
    """Gathers the small settlements of a lease that arrive while one is under way, and sends them as the next one.

    Deliveries that take their own time each end by themselves. Settled one by one, a thousand that end together
    would want a thousand connections to the store.
    """

    def __init__(self, store: MessageStore) -> None:
        self._store = store
        self._lines: WeakValueDictionary[Lease, _Line] = WeakValueDictionary()  # each as long as it has callers

    async def settle(self, lease: Lease, messages: Sequence[Message]) -> frozenset[MessageId]:
        """Settles as the store does, and raises what it does; also, maybe, what its caller gave up waiting for."""
        if len(messages) >= SMALL:
            return await self._store.settle(lease, messages)
        line = self._lines.get(lease)
        if line is None:
            line = self._lines[lease] = Batcher(
                lambda gathered: self._store.settle(lease, gathered), _part_of, MAX_CONCURRENT
            )
        return await line(messages)


def _part_of(lost: frozenset[MessageId], messages: Sequence[Message]) -> frozenset[MessageId]:
    """Returns what of a common answer concerns one call."""
    return lost & {message.id for message in messages} if lost else lost
