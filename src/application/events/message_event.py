"""What happens to messages, as those see it who watch."""

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
    """One thing that has happened to one message. It carries what messages are filtered by, and no body.

    Attributes:
        kind: what.
        at: when it was recorded.
        message_id: to which message.
        status: the state it is in since.
        to: its destination.
        labels: its labels.
        due_at: when it is due since.
        attempts: how often it was tried.
    """

    kind: EventKind
    at: datetime
    message_id: MessageId
    status: Status
    to: str
    labels: tuple[str, ...]
    due_at: datetime
    attempts: int


_KINDS: Mapping[type[Event], EventKind] = {
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
    """Returns the messages that something has happened to; none where it is not of a kind that is watched."""
    if type(event) not in _KINDS:
        return ()
    one: Message | None = getattr(event, "message", None)
    several: Sequence[Message] = getattr(event, "messages", ())
    return several if one is None else (one,)


def message_event_of(event: Event, message: Message, at: datetime) -> MessageEvent:
    """Returns what an event means for one of its messages."""
    return MessageEvent(
        kind=_KINDS[type(event)],
        at=at,
        message_id=message.id,
        status=message.status,
        to=message.to,
        labels=message.labels,
        due_at=message.due_at,
        attempts=message.attempts,
    )
