"""The use case that looks a message up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import MessageNotFoundError
from ...domain.ids import MessageId

if TYPE_CHECKING:
    from ...domain.messages.message import Message
    from ..ports.id_generator import IdGenerator
    from ..ports.message_store import MessageStore


class FindMessage:
    """Finds a message by its id, waiting, under way or ended."""

    def __init__(self, store: MessageStore, ids: IdGenerator) -> None:
        self._store = store
        self._ids = ids

    async def __call__(self, message_id: str) -> Message:
        """Returns the message as it is now.

        Raises:
            MessageNotFoundError: there is none of that id, or no longer.
            StoreUnavailableError: the store did not answer.
        """
        if self._ids.partition_of(message_id) is None:
            raise MessageNotFoundError(message_id)
        message = await self._store.get(MessageId(message_id))
        if message is None:
            raise MessageNotFoundError(message_id)
        return message
