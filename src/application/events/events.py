"""What happens in Postdate, as values. Events about messages come in groups, because passes do."""

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
    """Messages were accepted and stored."""

    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class MessageCancelled:
    """A message was cancelled before its time."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageRescheduled:
    """A message that waits was given other values, often another time."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageReplayed:
    """A dead message was put back to due."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessagesClaimed:
    """Due messages were taken for delivery. `taken_over` claims of lost owners went back to due before that."""

    lease: Lease
    messages: Sequence[Message]
    taken_over: int


@dataclass(frozen=True, slots=True)
class MessagesDelivered:
    """Messages were handed over, and their settlement counted."""

    lease: Lease
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class MessageRetried:
    """An attempt failed, and another will follow at `message.due_at`."""

    lease: Lease
    message: Message


@dataclass(frozen=True, slots=True)
class MessageDied:
    """A message is given up. `message.failures` has the reasons."""

    lease: Lease
    message: Message


@dataclass(frozen=True, slots=True)
class MessageExpired:
    """A message was not delivered in time, and is not worth delivering any more."""

    lease: Lease
    message: Message


@dataclass(frozen=True, slots=True)
class MessagesGivenBack:
    """Claimed messages went back untried: the owner stops, distrusts its lease, or met a busy destination."""

    lease: Lease
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class SettlementIgnored:
    """Claims were lost to another owner before they were settled: these may be delivered twice."""

    lease: Lease
    message_ids: frozenset[MessageId]


@dataclass(frozen=True, slots=True)
class LeaseAcquired:
    """This instance now holds a lease."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class LeaseLost:
    """A lease ran out while it was in use."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class LeaseReleased:
    """A lease was given up, and `given_back` claims with it."""

    lease: Lease
    given_back: int


@dataclass(frozen=True, slots=True)
class StoreDisconnected:
    """The store stopped answering a delivery loop."""

    partition: Partition
    reason: str


@dataclass(frozen=True, slots=True)
class StoreReconnected:
    """The store answers a delivery loop again, which it had not done since `away_since`."""

    partition: Partition
    away_since: datetime


@dataclass(frozen=True, slots=True)
class LoopFailed:
    """A delivery loop met an error that nobody foresaw, and goes on."""

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
    | LoopFailed
)
