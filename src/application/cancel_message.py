"""The use case that stops a message before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..domain.instant import whole_ms
from ..domain.status import Status
from .events import MessageCancelled

if TYPE_CHECKING:
    from ..domain.message import Message
    from .changes import Changes
    from .ports.clock import Clock
    from .ports.event_recorder import EventRecorder


class CancelMessage:
    """Cancels a message that waits. Against a claim that came first, it loses."""

    def __init__(self, changes: Changes, clock: Clock, events: EventRecorder) -> None:
        self._changes = changes
        self._clock = clock
        self._events = events

    async def __call__(self, message_id: str) -> Message:
        """Returns the message as cancelled, also when it was cancelled before.

        Raises:
            MessageNotFoundError: there is none of that id, or no longer.
            IllegalTransitionError: it is being delivered, or ended otherwise.
            StoreUnavailableError: the store did not answer; whether it is cancelled is unknown.
        """
        message = await self._changes.apply(message_id, self._cancel)
        self._events.record(MessageCancelled(message))
        return message

    def _cancel(self, message: Message) -> Message:
        if message.status is Status.CANCELLED:
            return message
        return message.cancelled(whole_ms(self._clock.now()))
