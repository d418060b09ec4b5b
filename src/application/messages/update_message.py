"""How a message that is there already is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import MessageNotFoundError
from ...domain.ids import MessageId
from ...domain.time.instant import truncate_to_ms

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ...domain.messages.message import Message
    from ..events.events import Event
    from ..ports.clock import Clock
    from ..ports.doorbell import Doorbell
    from ..ports.event_recorder import EventRecorder
    from ..ports.id_generator import IdGenerator
    from ..ports.message_store import MessageStore


class MessageUpdater:
    """Applies a change to a message, wakes who sleeps for too long because of it, and records it."""

    def __init__(
        self, store: MessageStore, ids: IdGenerator, doorbell: Doorbell, clock: Clock, events: EventRecorder
    ) -> None:
        self._store = store
        self._ids = ids
        self._doorbell = doorbell
        self._clock = clock
        self._events = events

    async def apply(
        self,
        message_id: str,
        change: Callable[[Message, datetime], Message],
        event: Callable[[Message], Event],
    ) -> Message:
        """Returns the message as changed, in one step with its look-up. What `change` raises is raised.

        Args:
            message_id: names the message.
            change: makes of it, and of the present, what it is to be.
            event: tells of what it has become.

        Raises:
            MessageNotFoundError: there is none of that id, or no longer.
            StoreUnavailableError: the store did not answer; whether it is changed is unknown.
        """
        partition = self._ids.partition_of(message_id)
        if partition is None:
            raise MessageNotFoundError(message_id)
        now = truncate_to_ms(self._clock.now())
        changed = await self._store.change(MessageId(message_id), lambda message: change(message, now))
        if changed is None:
            raise MessageNotFoundError(message_id)
        if changed.next_due_moved_up:
            self._doorbell.ring((partition,))
        self._events.record(event(changed.message))
        return changed.message
