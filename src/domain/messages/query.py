"""Queries for messages, and positions in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from .message import Message
    from .status import Status


class Filterable(Protocol):
    """The properties of a message, or of an event about one, that a query looks at."""

    @property
    def status(self) -> Status:
        """The message's status."""
        ...

    @property
    def to(self) -> str:
        """The message's destination."""
        ...

    @property
    def labels(self) -> Sequence[str]:
        """The message's labels."""
        ...

    @property
    def due_at(self) -> datetime:
        """When the message is due."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The conditions that a message must meet. An attribute that is left out sets no condition.

    Attributes:
        statuses: The allowed statuses. Empty allows all.
        to: The destination, exactly as the client gave it.
        label: One of the message's labels.
        due_after: The message is due at this time or later.
        due_before: The message is due before this time.
    """

    statuses: frozenset[Status] = frozenset()
    to: str | None = None
    label: str | None = None
    due_after: datetime | None = None
    due_before: datetime | None = None

    def matches(self, message: Filterable) -> bool:
        """Returns whether a message meets all conditions."""
        return (
            (not self.statuses or message.status in self.statuses)
            and (self.to is None or message.to == self.to)
            and (self.label is None or self.label in message.labels)
            and (self.due_after is None or message.due_at >= self.due_after)
            and (self.due_before is None or message.due_at < self.due_before)
        )


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """A position in due order: by due time, then by id. No two messages have the same position.

    Attributes:
        due_at: The due time at this position.
        message_id: The id of the message at this position. The empty text is before all messages that are due at
            this time.
    """

    due_at: datetime
    message_id: str = ""


def due_position(message: Message) -> Position:
    """Returns the position of a message in due order."""
    return Position(due_at=message.due_at, message_id=message.id)
