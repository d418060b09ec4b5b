"""The use case that accepts a message."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...domain.messages.headers import require_valid_headers
from ...domain.messages.message import Message, require_expiry_after
from ...domain.messages.retry import DEFAULT_RETRY
from ...domain.time.instant import truncate_to_ms
from ...domain.time.resolve import resolve_time
from ..events.events import MessagesScheduled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from ...domain.ids import MessageId
    from ...domain.messages.retry import RetryPolicy
    from ...domain.time.local_time import LocalTime
    from ..channels import Channels
    from ..ports.clock import Clock
    from ..ports.doorbell import Doorbell
    from ..ports.event_recorder import EventRecorder
    from ..ports.id_generator import IdGenerator
    from ..ports.message_writer import MessageWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRequest:
    """What a client asks for.

    Attributes:
        body: JSON text in UTF-8 without white space between tokens.
        at: the time of delivery; a past one means at once.
        at_local: the local time that `at` was given as, if it was.
        after: how long from acceptance until delivery; looked at only where there is no `at`.
        to: the destination.
        expires_at: the time from which it is not delivered any more.
        expires_after: how long from acceptance until then; looked at only where there is no `expires_at`.
        retry: when to try again.
        labels: words by which the client finds its messages again.
        headers: names and values for the receiver.
    """

    body: bytes
    at: datetime | None = None
    at_local: LocalTime | None = None
    after: timedelta | None = None
    to: str = "console"
    expires_at: datetime | None = None
    expires_after: timedelta | None = None
    retry: RetryPolicy = DEFAULT_RETRY
    labels: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


class ScheduleMessage:
    """Accepts messages: once it returns, they are in the store, as durable as the store was set up to be."""

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
        """Accepts one message and returns it as stored.

        Raises:
            UnknownChannelError: nothing is registered for its destination.
            InvalidDestinationError: its channel will not deliver there.
            InvalidHeaderError: it may not carry such a header.
            InvalidTimeError: its time lies outside the years 1 to 9999.
            ExpiresTooEarlyError: it would expire before its time has come.
            StoreUnavailableError: the store did not answer; whether it has the message is unknown.
            StoreFullError: the store has no room for it.
        """
        await self._channels.check(request.to)
        now = self._clock.now()
        message = message_from_request(request, now, self._ids.next(now))
        (stored,) = await self.store([message])
        self._events.record(MessagesScheduled((stored,)))
        return stored

    async def store(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Stores messages, under other ids where another generator has made the same, and returns them.

        Raises:
            StoreUnavailableError: the store did not answer; whether it has them is unknown.
            StoreFullError: the store has no room for them.
        """
        added = await self._writer.add(messages)
        stored = list(messages)
        while added.refused:
            renamed = {refused: self._rename(refused, stored) for refused in added.refused}
            again = await self._writer.add(list(renamed.values()))
            stored = [renamed.get(message.id, message) for message in stored]
            added = replace(again, next_due_moved_up=added.next_due_moved_up | again.next_due_moved_up)
        if added.next_due_moved_up:
            self._doorbell.ring(added.next_due_moved_up)
        return stored

    def _rename(self, taken: MessageId, messages: Sequence[Message]) -> Message:
        (message,) = (message for message in messages if message.id == taken)
        return replace(message, id=self._ids.next(message.created_at))


def message_from_request(request: ScheduleRequest, now: datetime, message_id: MessageId) -> Message:
    """Returns the message that a request asks for, accepted now.

    Raises:
        InvalidHeaderError: it may not carry such a header.
        InvalidTimeError: its time lies outside the years 1 to 9999.
        ExpiresTooEarlyError: it would expire before its time has come.
    """
    require_valid_headers(request.headers)
    created_at = truncate_to_ms(now)
    at = resolve_time(created_at, request.at, request.after)
    expires_at = None
    if request.expires_at is not None or request.expires_after is not None:
        expires_at = resolve_time(created_at, request.expires_at, request.expires_after)
        require_expiry_after(at, expires_at)
    return Message(
        id=message_id,
        body=request.body,
        to=request.to,
        at=at,
        due_at=at,
        created_at=created_at,
        retry=request.retry,
        expires_at=expires_at,
        labels=request.labels,
        headers=request.headers,
        at_local=request.at_local,
    )
