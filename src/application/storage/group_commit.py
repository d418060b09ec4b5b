"""A message store that commits together what arrives together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import StoreUnavailableError
from ..ports.message_store import AddResult
from .batcher import Batcher
from .store_layer import StoreLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...domain.messages.message import Message
    from ..ports.message_store import MessageStore


class GroupCommit(StoreLayer):
    """Gathers the `add` calls that arrive while one is under way and sends them as the next one.

    Under load one round trip, and one fsync of the store, serves hundreds of calls. Everything but `add` is the
    store's own.
    """

    def __init__(self, store: MessageStore, batch: int = 1000, backlog: int = 20_000) -> None:
        """Sends up to `batch` messages at once, and lets up to `backlog` messages wait for that."""
        super().__init__(store)
        self._backlog = backlog
        self._commit = Batcher(store.add, _part_of, batch)

    async def add(self, messages: Sequence[Message]) -> AddResult:
        """Stores messages as the store does, in the order of the calls.

        A call that is cancelled while it waits may have stored its messages all the same.

        Raises:
            StoreUnavailableError: the store did not answer, or more messages wait than it can take in soon.
        """
        waiting = self._commit.waiting_messages
        if waiting and waiting + len(messages) > self._backlog:
            raise StoreUnavailableError(f"{waiting} messages already wait to be stored")
        return await self._commit(messages)


def _part_of(added: AddResult, messages: Sequence[Message]) -> AddResult:
    """Returns what of a common answer concerns one call."""
    if not added.refused:
        return added
    return AddResult(
        refused=added.refused & {message.id for message in messages}, next_due_moved_up=added.next_due_moved_up
    )
