"""The use case that delivers a message now instead of at its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.messages.message import Message
from ..events.events import MessageRescheduled

if TYPE_CHECKING:
    from .update_message import MessageUpdater


class DeliverMessageNow:
    """Makes a message that waits due now. What its client had asked for stays to be seen."""

    def __init__(self, changes: MessageUpdater) -> None:
        self._changes = changes

    async def __call__(self, message_id: str) -> Message:
        """Returns the message as due.

        Raises:
            MessageNotFoundError: there is none of that id, or no longer.
            IllegalTransitionError: it is being delivered, or has ended.
            StoreUnavailableError: the store did not answer; whether it is due is unknown.
        """
        return await self._changes.apply(message_id, Message.made_due, MessageRescheduled)
