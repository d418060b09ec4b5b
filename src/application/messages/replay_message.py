"""The use case that gives a dead message another life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.messages.message import Message
from ..events.events import MessageReplayed

if TYPE_CHECKING:
    from .update_message import MessageUpdater


class ReplayMessage:
    """Puts a dead message back to due, with all its attempts before it again; it remembers why it had died."""

    def __init__(self, changes: MessageUpdater) -> None:
        self._changes = changes

    async def __call__(self, message_id: str) -> Message:
        """Returns the message as due now.

        Raises:
            MessageNotFoundError: there is none of that id, or no longer.
            IllegalTransitionError: it is not dead.
            StoreUnavailableError: the store did not answer; whether it is replayed is unknown.
        """
        return await self._changes.apply(message_id, Message.replayed, MessageReplayed)
