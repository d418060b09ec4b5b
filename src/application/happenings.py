"""What happens to messages, as those see it who watch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..domain.timeline import Event as Kind
from . import events as e

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ..domain.message import Message, MessageId
    from ..domain.status import Status
    from .events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
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

    kind: Kind
    at: datetime
    message_id: MessageId
    status: Status
    to: str
    labels: tuple[str, ...]
    due_at: datetime
    attempts: int


_KINDS: Mapping[type[Event], Kind] = {
    e.MessagesScheduled: Kind.SCHEDULED,
    e.MessageCancelled: Kind.CANCELLED,
    e.MessageRescheduled: Kind.RESCHEDULED,
    e.MessageReplayed: Kind.REPLAYED,
    e.MessagesClaimed: Kind.CLAIMED,
    e.MessagesDelivered: Kind.DELIVERED,
    e.MessageRetried: Kind.RETRY,
    e.MessageDied: Kind.DEAD,
    e.MessageExpired: Kind.EXPIRED,
}


def messages_of(event: Event) -> Sequence[Message]:
    """Returns the messages that something has happened to; none where it is not of a kind that is watched."""
    if type(event) not in _KINDS:
        return ()
    one: Message | None = getattr(event, "message", None)
    several: Sequence[Message] = getattr(event, "messages", ())
    return several if one is None else (one,)


def happening_of(event: Event, message: Message, at: datetime) -> Happening:
    """Returns what an event means for one of its messages."""
    return Happening(
        kind=_KINDS[type(event)],
        at=at,
        message_id=message.id,
        status=message.status,
        to=message.to,
        labels=message.labels,
        due_at=message.due_at,
        attempts=message.attempts,
    )
