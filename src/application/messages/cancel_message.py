"""The use case that stops a message before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.messages.status import Status
from ..events.events import MessageCancelled

if TYPE_CHECKING:
    from datetime import datetime

    from ...domain.messages.message import Message
    from .update_message import MessageUpdater


class CancelMessage:
    """Cancels a message that waits. Against a claim that came first, it loses."""

    def __init__(self, changes: MessageUpdater) -> None:
        self._changes = changes

    async def __call__(self, message_id: str) -> Message:
        """Returns the message as cancelled, also when it was cancelled before.

        Raises:
            MessageNotFoundError: there is none of that id, or no longer.
            IllegalTransitionError: it is being delivered, or ended otherwise.
            StoreUnavailableError: the store did not answer; whether it is cancelled is unknown.
        """
        return await self._changes.apply(message_id, _cancelled, MessageCancelled)


def _cancelled(message: Message, now: datetime) -> Message:
    return message if message.status is Status.CANCELLED else message.cancelled(now)
