"""The use case that delivers a message now instead of at its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.messages.message import Message
from ..events.events import MessageRescheduled

if TYPE_CHECKING:
    from .update_message import MessageUpdater


class DeliverMessageNow:
    """Makes a waiting message due now. The time that its client wanted stays visible."""

    def __init__(self, updater: MessageUpdater) -> None:
        self._updater = updater

    async def __call__(self, message_id: str) -> Message:
        """Makes a message due and returns it.

        Raises:
            MessageNotFoundError: No message has this id, or it is no longer stored.
            IllegalTransitionError: The message is being delivered, or has ended.
            StoreUnavailableError: The store did not answer. It is unknown whether the message is due.
        """
        return await self._updater.apply(message_id, Message.made_due, MessageRescheduled)
