"""Message events: what the listeners to live events receive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...domain.messages.timeline import EventKind
from . import events as e

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ...domain.ids import MessageId
    from ...domain.messages.message import Message
    from ...domain.messages.status import Status
    from .events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvent:
    """An event in the life of one message. It has the fields that messages are filtered by, and no body.

    Attributes:
        kind: What happened.
        at: When the event was recorded.
        message_id: The message.
        status: The message's status after the event.
        to: The message's destination.
        labels: The message's labels.
        due_at: The message's due time after the event.
        attempts: How many attempts were made.
    """

    kind: EventKind
    at: datetime
    message_id: MessageId
    status: Status
    to: str
    labels: tuple[str, ...]
    due_at: datetime
    attempts: int


_KIND_OF_EVENT: Mapping[type[Event], EventKind] = {
    e.MessagesScheduled: EventKind.SCHEDULED,
    e.MessageCancelled: EventKind.CANCELLED,
    e.MessageRescheduled: EventKind.RESCHEDULED,
    e.MessageReplayed: EventKind.REPLAYED,
    e.MessagesClaimed: EventKind.CLAIMED,
    e.MessagesDelivered: EventKind.DELIVERED,
    e.MessageRetried: EventKind.RETRY,
    e.MessageDied: EventKind.DEAD,
    e.MessageExpired: EventKind.EXPIRED,
}


def messages_of(event: Event) -> Sequence[Message]:
    """Returns the messages of an event; none if listeners do not receive events of its type."""
    if type(event) not in _KIND_OF_EVENT:
        return ()
    message: Message | None = getattr(event, "message", None)
    messages: Sequence[Message] = getattr(event, "messages", ())
    return messages if message is None else (message,)


def message_event_of(event: Event, message: Message, at: datetime) -> MessageEvent:
    """Returns the message event that an event means for one of its messages."""
    return MessageEvent(
        kind=_KIND_OF_EVENT[type(event)],
        at=at,
        message_id=message.id,
        status=message.status,
        to=message.to,
        labels=message.labels,
        due_at=message.due_at,
        attempts=message.attempts,
    )
