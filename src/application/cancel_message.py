"""The use case that stops a message before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..domain.errors import IllegalTransitionError, MessageNotFoundError
from ..domain.message import MessageId
from ..domain.status import Status
from .events import MessageCancelled

if TYPE_CHECKING:
    from ..domain.message import Message
    from .ports.event_recorder import EventRecorder
    from .ports.id_generator import IdGenerator
    from .ports.message_store import MessageStore


class CancelMessage:
    """Cancels a message that waits. Against a claim that came first, it loses."""

    def __init__(self, store: MessageStore, ids: IdGenerator, events: EventRecorder) -> None:
        self._store = store
        self._ids = ids
        self._events = events

    async def __call__(self, message_id: str) -> Message:
        """Returns the message as cancelled, also when it was cancelled before.

        Raises:
            MessageNotFoundError: there is none of that id, or no longer.
            IllegalTransitionError: it is being delivered, or ended otherwise.
            StoreUnavailableError: the store did not answer; whether it is cancelled is unknown.
        """
        if self._ids.partition_of(message_id) is None:
            raise MessageNotFoundError(message_id)
        message = await self._store.cancel(MessageId(message_id))
        if message is None:
            raise MessageNotFoundError(message_id)
        if message.status is not Status.CANCELLED:
            raise IllegalTransitionError(message_id, message.status, Status.CANCELLED)
        self._events.record(MessageCancelled(message))
        return message
