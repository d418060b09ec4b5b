"""Which messages are asked for, and where in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from .message import Message
    from .status import Status


class Listed(Protocol):
    """What is looked at of a message, or of what stands for one."""

    @property
    def status(self) -> Status:
        """Its state."""
        ...

    @property
    def to(self) -> str:
        """Its destination."""
        ...

    @property
    def labels(self) -> Sequence[str]:
        """Its labels."""
        ...

    @property
    def due_at(self) -> datetime:
        """When it is due."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What messages must have in common. Left out, an attribute asks for nothing.

    Attributes:
        statuses: the states they may be in; empty: any.
        to: their destination, as it was given.
        label: one of their labels.
        due_after: they are due at that moment or later.
        due_before: they are due earlier than that.
    """

    statuses: frozenset[Status] = frozenset()
    to: str | None = None
    label: str | None = None
    due_after: datetime | None = None
    due_before: datetime | None = None

    def matches(self, message: Listed) -> bool:
        """Whether a message is asked for."""
        return (
            (not self.statuses or message.status in self.statuses)
            and (self.to is None or message.to == self.to)
            and (self.label is None or self.label in message.labels)
            and (self.due_after is None or message.due_at >= self.due_after)
            and (self.due_before is None or message.due_at < self.due_before)
        )


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """A place in due order: by time, then by id. No two messages share one.

    Attributes:
        due_at: when what is there is due.
        message_id: its id; the empty text stands before all that is due then.
    """

    due_at: datetime
    message_id: str = ""


def position_of(message: Message) -> Position:
    """Returns where a message is in due order."""
    return Position(due_at=message.due_at, message_id=message.id)
