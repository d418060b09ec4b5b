"""The use case that gives a dead message another life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..domain.instant import whole_ms
from .events import MessageReplayed

if TYPE_CHECKING:
    from ..domain.message import Message
    from .changes import Changes
    from .ports.clock import Clock
    from .ports.event_recorder import EventRecorder


class ReplayMessage:
    """Puts a dead message back to due, with all its attempts before it again; it remembers why it had died."""

    def __init__(self, changes: Changes, clock: Clock, events: EventRecorder) -> None:
        self._changes = changes
        self._clock = clock
        self._events = events

    async def __call__(self, message_id: str) -> Message:
        """Returns the message as due now.

        Raises:
            MessageNotFoundError: there is none of that id, or no longer.
            IllegalTransitionError: it is not dead.
            StoreUnavailableError: the store did not answer; whether it is replayed is unknown.
        """
        now = whole_ms(self._clock.now())
        message = await self._changes.apply(message_id, lambda dead: dead.replayed(now))
        self._events.record(MessageReplayed(message))
        return message
