"""The use case that replays a dead message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.messages.message import Message
from ..events.events import MessageReplayed

if TYPE_CHECKING:
    from .update_message import MessageUpdater


class ReplayMessage:
    """Makes a dead message due again, with all attempts of its retry policy left. Its history keeps the death."""

    def __init__(self, updater: MessageUpdater) -> None:
        self._updater = updater

    async def __call__(self, message_id: str) -> Message:
        """Makes a dead message due now and returns it.

        Raises:
            MessageNotFoundError: No message has this id, or it is no longer stored.
            IllegalTransitionError: The message is not dead.
            StoreUnavailableError: The store did not answer. It is unknown whether the message is replayed.
        """
        return await self._updater.apply(message_id, Message.replayed, MessageReplayed)
