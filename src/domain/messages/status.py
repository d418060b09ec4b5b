"""The statuses of a message, and which of them can follow which."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """The status of a message."""

    SCHEDULED = "scheduled"
    """The message waits for its time, or for its next attempt."""
    DELIVERING = "delivering"
    """An instance has claimed the message."""
    DELIVERED = "delivered"
    DEAD = "dead"
    """No attempt is left, or the channel refused the message for good."""
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    """The message expired before it could be delivered."""

    @property
    def ended(self) -> bool:
        """Whether the message leaves this status only if a client asks for it, or never."""
        return self not in (Status.SCHEDULED, Status.DELIVERING)

    def may_become(self, wanted: Status) -> bool:
        """Returns whether a message can go directly from this status to the wanted one."""
        return wanted in _TRANSITIONS[self]


_TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.SCHEDULED: frozenset({Status.DELIVERING, Status.CANCELLED, Status.EXPIRED}),
    Status.DELIVERING: frozenset({Status.SCHEDULED, Status.DELIVERED, Status.DEAD, Status.EXPIRED}),
    Status.DELIVERED: frozenset(),
    Status.DEAD: frozenset({Status.SCHEDULED}),
    Status.CANCELLED: frozenset(),
    Status.EXPIRED: frozenset(),
}
