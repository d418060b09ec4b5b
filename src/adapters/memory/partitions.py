"""The contents of partitions in memory, which the memory adapters share. No other module moves claims."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...domain.errors import LeaseLostError
from ...domain.messages.request_key import KEY_RETENTION
from ...domain.messages.status import Status
from ...domain.time.instant import MILLISECOND, to_ms, truncate_to_ms

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ...application.ports.message_writer import KeyHolder
    from ...domain.ids import MessageId, ScheduleId
    from ...domain.lease import Lease, Partition, Role
    from ...domain.messages.message import Message
    from ...domain.retention import Retention
    from ...domain.schedules.schedule import Schedule


@dataclass(slots=True)
class MemoryPartition:
    """The messages, claims, leases, roles, keys and schedules of one partition.

    No method awaits anything, so each method is atomic.

    Attributes:
        messages: All messages.
        due: The due time in ms and the id of each waiting message, in due order.
        claims: The fencing token of each claim.
        endings: When each ended message ended, in ms, and its id, in the order of ending; not of dead messages.
        leases: When the lease of each fencing token expires.
        grants: The lease that was granted under each fencing token.
        roles: The fencing token of each role's holder.
        last_token: The last fencing token granted.
        keys: When each idempotency key is free again, in ms, and its holder, oldest first.
        schedules: All schedules.
    """

    messages: dict[MessageId, Message] = field(default_factory=dict)
    due: list[tuple[int, MessageId]] = field(default_factory=list)
    claims: dict[MessageId, int] = field(default_factory=dict)
    endings: list[tuple[int, MessageId]] = field(default_factory=list)
    leases: dict[int, datetime] = field(default_factory=dict)
    grants: dict[int, Lease] = field(default_factory=dict)
    roles: dict[Role, int] = field(default_factory=dict)
    last_token: int = 0
    keys: dict[str, tuple[int, KeyHolder]] = field(default_factory=dict)
    schedules: dict[ScheduleId, Schedule] = field(default_factory=dict)

    @property
    def next_due_ms(self) -> float:
        """When the earliest waiting message is due, in ms; infinity if none waits."""
        return self.due[0][0] if self.due else math.inf

    def wait(self, message: Message) -> None:
        """Writes a scheduled message and inserts it into due order."""
        self.messages[message.id] = message
        insort(self.due, (to_ms(message.due_at), message.id))

    def stop_waiting(self, message: Message) -> None:
        """Removes a message from due order."""
        del self.due[bisect_left(self.due, (to_ms(message.due_at), message.id))]

    def end(self, message: Message, now: datetime) -> None:
        """Writes a message that has ended. A dead message is never forgotten."""
        self.messages[message.id] = message
        if message.status is not Status.DEAD:
            self.endings.append((to_ms(now), message.id))

    def forget(self, retention: Retention, now: datetime) -> None:
        """Forgets the ended messages that the retention does not keep."""
        max_ended_ms = to_ms(now) - retention.age // MILLISECOND
        too_old = bisect_right(self.endings, max_ended_ms, key=lambda ended: ended[0])
        gone = max(too_old, len(self.endings) - retention.count)
        for _, message_id in self.endings[:gone]:
            del self.messages[message_id]
        del self.endings[:gone]

    def holder_of(self, key: str, now: datetime) -> KeyHolder | None:
        """Returns the request that holds a key. Removes the oldest keys that are free again."""
        while self.keys and next(iter(self.keys.values()))[0] <= to_ms(now):
            del self.keys[next(iter(self.keys))]
        free_at_ms, holder = self.keys.get(key, (0, None))
        return holder if free_at_ms > to_ms(now) else None

    def give_key(self, key: str, holder: KeyHolder, now: datetime) -> None:
        """Gives a key to a request."""
        self.keys.pop(key, None)
        self.keys[key] = (to_ms(now + KEY_RETENTION), holder)

    def next_token(self, now: datetime) -> int:
        """Returns a new fencing token: one more than the last, but at least the time in microseconds.

        As in the other stores, no token ends in a zero.
        """
        token = max(self.last_token + 1, to_ms(now) * 1000)
        self.last_token = token if token % 10 else token + 1
        return self.last_token

    def cap_leases(self, now: datetime) -> None:
        """Ends leases no later than their time to live from now, in case the clock was set back."""
        for token, lease in self.grants.items():
            self.leases[token] = min(self.leases[token], truncate_to_ms(now) + lease.ttl)

    def is_own(self, lease: Lease) -> bool:
        """Whether the lease of this fencing token was granted to this owner and not to another."""
        return self.grants.get(lease.token) == lease

    def is_alive(self, token: int, now: datetime) -> bool:
        """Whether the lease of a fencing token has not expired."""
        return token in self.leases and self.leases[token] > truncate_to_ms(now)

    def require_alive(self, lease: Lease, now: datetime) -> None:
        """Raises `LeaseLostError` if the lease has expired or is another owner's."""
        if not self.is_own(lease) or not self.is_alive(lease.token, now):
            raise LeaseLostError(lease.owner, lease.token)

    def claims_of(self, token: int) -> list[Message]:
        """Returns the messages that are claimed under a fencing token."""
        return [self.messages[message_id] for message_id, holder in self.claims.items() if holder == token]

    def give_back(self, token: int, kept: Collection[MessageId] = ()) -> int:
        """Gives back the claims under a fencing token, except the kept ones; returns how many were given back.

        They do not count as attempts.
        """
        given_back = [message for message in self.claims_of(token) if message.id not in kept]
        for message in given_back:
            del self.claims[message.id]
            self.wait(message.given_back())
        return len(given_back)

    def end_lease(self, token: int) -> None:
        """Removes a lease and frees its roles."""
        self.leases.pop(token, None)
        self.grants.pop(token, None)
        self.roles = {role: holder for role, holder in self.roles.items() if holder != token}


class MemoryPartitions:
    """All partitions. The adapters of one store share one object."""

    def __init__(self) -> None:
        self._partitions: dict[Partition, MemoryPartition] = {}

    def __getitem__(self, partition: Partition) -> MemoryPartition:
        """Returns the contents of a partition, which is empty at first."""
        return self._partitions.setdefault(partition, MemoryPartition())
