"""The use case that schedules a message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...domain.immutable import immutable
from ...domain.messages.content import Content, content_of
from ...domain.messages.expiry import require_expiry_after
from ...domain.messages.headers import require_valid_headers
from ...domain.messages.message import Message
from ...domain.time.instant import truncate_to_ms
from ...domain.time.resolve import resolve_time
from ..events.events import MessagesScheduled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from ...domain.ids import MessageId
    from ...domain.time.local_time import LocalTime
    from ..channels import Channels
    from ..ports.clock import Clock
    from ..ports.doorbell import Doorbell
    from ..ports.event_recorder import EventRecorder
    from ..ports.id_generator import IdGenerator
    from ..ports.message_writer import MessageWriter


@immutable
class ScheduleRequest(Content):
    """A client's request for a message.

    Attributes:
        at: When the message is delivered. A time in the past means at once.
        at_local: The local time that `at` was given as, if it was.
        after: How long after its acceptance the message is delivered. Ignored if there is an `at`.
        expires_at: The latest time of delivery.
        expires_after: How long after its acceptance the message expires. Ignored if there is an `expires_at`.
    """

    at: datetime | None = None
    at_local: LocalTime | None = None
    after: timedelta | None = None
    expires_at: datetime | None = None
    expires_after: timedelta | None = None

    def to_message(self, message_id: MessageId, now: datetime) -> Message:
        """Returns the message of this request, accepted now.

        Raises:
            InvalidHeaderError: A message must not carry one of the headers.
            InvalidTimeError: A time is outside the years 1 to 9999.
            ExpiresTooEarlyError: The message would expire before its time.
        """
        require_valid_headers(self.headers)
        created_at = truncate_to_ms(now)
        at = resolve_time(created_at, self.at, self.after)
        expires_at = None
        if self.expires_at is not None or self.expires_after is not None:
            expires_at = resolve_time(created_at, self.expires_at, self.expires_after)
            require_expiry_after(at, expires_at)
        return Message(
            **content_of(self),
            id=message_id,
            at=at,
            due_at=at,
            created_at=created_at,
            expires_at=expires_at,
            at_local=self.at_local,
        )


class ScheduleMessage:
    """Schedules messages. When a call returns, its messages are stored, as durably as the store is configured."""

    def __init__(
        self,
        writer: MessageWriter,
        ids: IdGenerator,
        channels: Channels,
        doorbell: Doorbell,
        clock: Clock,
        events: EventRecorder,
    ) -> None:
        self._writer = writer
        self._ids = ids
        self._channels = channels
        self._doorbell = doorbell
        self._clock = clock
        self._events = events

    async def __call__(self, request: ScheduleRequest) -> Message:
        """Schedules one message and returns it as stored.

        Raises:
            UnknownChannelError: No channel is registered for the destination.
            InvalidDestinationError: The channel refuses the destination.
            InvalidHeaderError: A message must not carry one of the headers.
            InvalidTimeError: A time is outside the years 1 to 9999.
            ExpiresTooEarlyError: The message would expire before its time.
            StoreUnavailableError: The store did not answer. It is unknown whether the message is stored.
            StoreFullError: The store has no room for the message.
        """
        await self._channels.check(request.to)
        now = self._clock.now()
        message = request.to_message(self._ids.next(now), now)
        (stored,) = await self.store([message])
        self._events.record(MessagesScheduled((stored,)))
        return stored

    async def store(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Stores messages and returns them. A message gets a new id if another generator has made the same id.

        Raises:
            StoreUnavailableError: The store did not answer. It is unknown whether the messages are stored.
            StoreFullError: The store has no room for the messages.
        """
        added = await self._writer.add(messages)
        stored = list(messages)
        while added.refused:
            renamed = {refused: self._with_new_id(refused, stored) for refused in added.refused}
            again = await self._writer.add(list(renamed.values()))
            stored = [renamed.get(message.id, message) for message in stored]
            added = replace(again, next_due_moved_up=added.next_due_moved_up | again.next_due_moved_up)
        if added.next_due_moved_up:
            self._doorbell.ring(added.next_due_moved_up)
        return stored

    def _with_new_id(self, taken: MessageId, messages: Sequence[Message]) -> Message:
        (message,) = (message for message in messages if message.id == taken)
        return replace(message, id=self._ids.next(message.created_at))
