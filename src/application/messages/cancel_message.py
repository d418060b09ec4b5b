"""The use case that cancels a message before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.messages.status import Status
from ..events.events import MessageCancelled

if TYPE_CHECKING:
    from datetime import datetime

    from ...domain.messages.message import Message
    from .update_message import MessageUpdater


class CancelMessage:
    """Cancels a waiting message. If a claim came first, the claim wins."""

    def __init__(self, updater: MessageUpdater) -> None:
        self._updater = updater

    async def __call__(self, message_id: str) -> Message:
        """Cancels a message and returns it. A message that was cancelled before is returned unchanged.

        Raises:
            MessageNotFoundError: No message has this id, or it is no longer stored.
            IllegalTransitionError: The message is being delivered, or it ended in another way.
            StoreUnavailableError: The store did not answer. It is unknown whether the message is cancelled.
        """
        return await self._updater.apply(message_id, _cancel, MessageCancelled)


def _cancel(message: Message, now: datetime) -> Message:
    return message if message.status is Status.CANCELLED else message.cancelled(now)
