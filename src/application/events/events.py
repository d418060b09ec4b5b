"""The events that use cases and loops record, as values.

Frequent events about messages carry a group of them, because a pass handles messages in groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ...domain.ids import MessageId
    from ...domain.lease import Lease, Partition
    from ...domain.messages.message import Message


@dataclass(frozen=True, slots=True)
class MessagesScheduled:
    """New messages were accepted and stored."""

    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class MessageCancelled:
    """A message was cancelled before its delivery."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageRescheduled:
    """A waiting message was changed, often to another due time."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageReplayed:
    """A dead message was scheduled again and is due at once."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessagesClaimed:
    """Due messages were claimed for delivery.

    Attributes:
        lease: The lease of the claims.
        messages: The claimed messages.
        taken_over: How many claims of lost owners went back to due order before that.
    """

    lease: Lease
    messages: Sequence[Message]
    taken_over: int


@dataclass(frozen=True, slots=True)
class MessagesDelivered:
    """Messages were delivered, and the store accepted their settlement."""

    lease: Lease
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class MessageRetried:
    """An attempt failed. Another one follows at `message.due_at`."""

    lease: Lease
    message: Message


@dataclass(frozen=True, slots=True)
class MessageDied:
    """A message became a dead letter. `message.failures` has the reasons."""

    lease: Lease
    message: Message


@dataclass(frozen=True, slots=True)
class MessageExpired:
    """A message was not delivered before its expiry, and is not tried any more."""

    lease: Lease
    message: Message


@dataclass(frozen=True, slots=True)
class MessagesGivenBack:
    """Claimed messages went back without an attempt.

    Their owner is stopping, does not trust its lease any more, or found the destination busy.
    """

    lease: Lease
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class SettlementIgnored:
    """Claims were lost to another owner before they were settled. Their messages may be delivered twice."""

    lease: Lease
    message_ids: frozenset[MessageId]


@dataclass(frozen=True, slots=True)
class LeaseAcquired:
    """This instance acquired a lease."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class LeaseLost:
    """A lease ran out while this instance used it."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class LeaseReleased:
    """This instance released a lease.

    Attributes:
        lease: The lease.
        given_back: How many claims were given back with it.
    """

    lease: Lease
    given_back: int


@dataclass(frozen=True, slots=True)
class StoreDisconnected:
    """A delivery loop got no answer from the store."""

    partition: Partition
    reason: str


@dataclass(frozen=True, slots=True)
class StoreReconnected:
    """The store answers a delivery loop again.

    Attributes:
        partition: The partition of the loop.
        away_since: When the loop first got no answer.
    """

    partition: Partition
    away_since: datetime


@dataclass(frozen=True, slots=True)
class UnexpectedErrorCaught:
    """Background work of a partition caught an unexpected error, and continues."""

    partition: Partition
    error: BaseException


Event = (
    MessagesScheduled
    | MessageCancelled
    | MessageRescheduled
    | MessageReplayed
    | MessagesClaimed
    | MessagesDelivered
    | MessageRetried
    | MessageDied
    | MessageExpired
    | MessagesGivenBack
    | SettlementIgnored
    | LeaseAcquired
    | LeaseLost
    | LeaseReleased
    | StoreDisconnected
    | StoreReconnected
    | UnexpectedErrorCaught
)
