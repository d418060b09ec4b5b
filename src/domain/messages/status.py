"""The states a message can be in, and which may follow which."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where a message is in its life."""

    SCHEDULED = "scheduled"
    """It waits for its time, the first or that of a retry."""
    DELIVERING = "delivering"
    """An instance has claimed it."""
    DELIVERED = "delivered"
    DEAD = "dead"
    """Its attempts are used up, or its channel refused it for good."""
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    """Its time to be useful ran out before it could be delivered."""

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to the message any more unless somebody asks for it."""
        return self not in (Status.SCHEDULED, Status.DELIVERING)

    def may_become(self, wanted: Status) -> bool:
        """Whether a message may go from this state straight to the wanted one."""
        return wanted in _TRANSITIONS[self]


_TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.SCHEDULED: frozenset({Status.DELIVERING, Status.CANCELLED, Status.EXPIRED}),
    Status.DELIVERING: frozenset({Status.SCHEDULED, Status.DELIVERED, Status.DEAD, Status.EXPIRED}),
    Status.DELIVERED: frozenset(),
    Status.DEAD: frozenset({Status.SCHEDULED}),
    Status.CANCELLED: frozenset(),
    Status.EXPIRED: frozenset(),
}
