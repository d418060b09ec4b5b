"""Changes of stored messages."""

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
    """Changes a message, rings if its partition has an earlier next due time now, and records an event."""

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
        """Returns the changed message. Reading and writing are one atomic step. Errors of `change` are passed on.

        Args:
            message_id: The id of the message.
            change: Returns the changed message for the current one and the current time. May be called again.
            event: Returns the event to record for the changed message.

        Raises:
            MessageNotFoundError: No message has this id, or the message was forgotten.
            StoreUnavailableError: The store did not answer. It is unknown whether the message was changed.
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
