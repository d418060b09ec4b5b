"""Group commit: messages that are added at the same time are stored together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import StoreUnavailableError
from ..ports.message_writer import AddResult
from .batcher import Batcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...domain.messages.message import Message
    from ..ports.message_writer import KeyedAddResult, KeyedMessage, MessageWriter


class GroupCommit:
    """Combines `add` calls into batches. Calls of `add_keyed` are passed on one by one.

    Under load, one round trip and one fsync of the store serve hundreds of calls.
    """

    def __init__(self, writer: MessageWriter, max_batch: int = 1000, max_waiting: int = 20_000) -> None:
        """Sends up to `max_batch` messages at once; up to `max_waiting` messages wait for the next batch."""
        self._writer = writer
        self._max_waiting = max_waiting
        self._commit = Batcher(writer.add, _part_of, max_batch)

    async def add(self, messages: Sequence[Message]) -> AddResult:
        """Stores messages, in the order of the calls. The messages of a cancelled call may still be stored.

        Raises:
            StoreUnavailableError: The store did not answer, or too many messages wait to be stored.
            StoreFullError: The store has no room.
        """
        waiting = self._commit.waiting_messages
        if waiting and waiting + len(messages) > self._max_waiting:
            raise StoreUnavailableError(f"{waiting} messages already wait to be stored")
        return await self._commit(messages)

    async def add_keyed(self, messages: Sequence[KeyedMessage]) -> KeyedAddResult:
        """Stores messages with keys.

        Raises:
            StoreUnavailableError: The store did not answer.
            StoreFullError: The store has no room.
        """
        return await self._writer.add_keyed(messages)


def _part_of(added: AddResult, messages: Sequence[Message]) -> AddResult:
    """Returns the part of a batch's result that concerns the messages of one call."""
    if not added.refused:
        return added
    return AddResult(
        refused=added.refused & {message.id for message in messages}, next_due_moved_up=added.next_due_moved_up
    )
