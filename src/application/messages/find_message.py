"""The use case that finds a message by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import MessageNotFoundError
from ...domain.ids import MessageId

if TYPE_CHECKING:
    from ...domain.messages.message import Message
    from ..ports.id_generator import IdGenerator
    from ..ports.message_store import MessageStore


class FindMessage:
    """Finds a message by its id, whatever its status."""

    def __init__(self, store: MessageStore, ids: IdGenerator) -> None:
        self._store = store
        self._ids = ids

    async def __call__(self, message_id: str) -> Message:
        """Returns the message in its present state.

        Raises:
            MessageNotFoundError: No message has this id, or it is no longer stored.
            StoreUnavailableError: The store did not answer.
        """
        if self._ids.partition_of(message_id) is None:
            raise MessageNotFoundError(message_id)
        message = await self._store.get(MessageId(message_id))
        if message is None:
            raise MessageNotFoundError(message_id)
        return message
