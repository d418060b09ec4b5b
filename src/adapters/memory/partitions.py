"""What the memory adapters share: the contents of each partition, and the only code that moves claims."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...domain.errors import LeaseLostError
from ...domain.messages.request_key import KEPT_FOR
from ...domain.messages.status import Status
from ...domain.time.instant import MILLISECOND, to_ms, truncate_to_ms

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ...application.ports.message_writer import KeyHolder
    from ...domain.lease import Lease, Partition, Role
    from ...domain.messages.message import Message, MessageId
    from ...domain.retention import Retention
    from ...domain.schedules.schedule import Schedule, ScheduleId


@dataclass(slots=True)
class MemoryPartition:
    """One partition's messages, claims, leases and roles. No method waits, so each is atomic."""

    messages: dict[MessageId, Message] = field(default_factory=dict)
    due: list[tuple[int, MessageId]] = field(default_factory=list)
    claims: dict[MessageId, int] = field(default_factory=dict)
    endings: list[tuple[int, MessageId]] = field(default_factory=list)
    leases: dict[int, datetime] = field(default_factory=dict)
    owners: dict[int, str] = field(default_factory=dict)
    roles: dict[Role, int] = field(default_factory=dict)
    last_token: int = 0
    keys: dict[str, tuple[int, KeyHolder]] = field(default_factory=dict)
    schedules: dict[ScheduleId, Schedule] = field(default_factory=dict)

    @property
    def next_due_ms(self) -> float:
        """When the earliest message that waits is due; infinite if none waits."""
        return self.due[0][0] if self.due else math.inf

    def wait(self, message: Message) -> None:
        """Writes a scheduled message and puts it in its place in due order."""
        self.messages[message.id] = message
        insort(self.due, (to_ms(message.due_at), message.id))

    def stop_waiting(self, message: Message) -> None:
        """Takes a message out of due order."""
        place = (to_ms(message.due_at), message.id)
        del self.due[bisect_left(self.due, place)]

    def end(self, message: Message, now: datetime) -> None:
        """Writes a message that ended. Only the dead do not belong to the past that is forgotten."""
        self.messages[message.id] = message
        if message.status is not Status.DEAD:
            self.endings.append((to_ms(now), message.id))

    def forget(self, retention: Retention, now: datetime) -> None:
        """Forgets what ended too long ago, and the oldest of what is too much."""
        too_old_ms = to_ms(now) - retention.age // MILLISECOND
        too_old = bisect_right(self.endings, too_old_ms, key=lambda ended: ended[0])
        gone = max(too_old, len(self.endings) - retention.count)
        for _, message_id in self.endings[:gone]:
            del self.messages[message_id]
        del self.endings[:gone]

    def holder_of(self, key: str, now: datetime) -> KeyHolder | None:
        """Returns which request has a key; forgets the keys that are free again, which come first."""
        while self.keys and next(iter(self.keys.values()))[0] <= to_ms(now):
            del self.keys[next(iter(self.keys))]
        free_at_ms, holder = self.keys.get(key, (0, None))
        return holder if free_at_ms > to_ms(now) else None

    def give_key(self, key: str, holder: KeyHolder, now: datetime) -> None:
        """Gives a key to a request."""
        self.keys.pop(key, None)
        self.keys[key] = (to_ms(now + KEPT_FOR), holder)

    def is_alive(self, token: int, now: datetime) -> bool:
        """Whether the lease of that token has not run out."""
        return token in self.leases and self.leases[token] > truncate_to_ms(now)

    def require_alive(self, lease: Lease, now: datetime) -> None:
        """Raises `LeaseLostError` if the lease has run out."""
        if not self.is_alive(lease.token, now):
            raise LeaseLostError(lease.owner, lease.token)

    def claims_of(self, token: int) -> list[Message]:
        """Returns what is claimed under that token."""
        return [self.messages[message_id] for message_id, holder in self.claims.items() if holder == token]

    def give_back(self, token: int, kept: Collection[MessageId] = ()) -> int:
        """Gives back, uncounted, what is claimed under that token and not kept; returns how many."""
        unacknowledged = [message for message in self.claims_of(token) if message.id not in kept]
        for message in unacknowledged:
            del self.claims[message.id]
            self.wait(message.given_back())
        return len(unacknowledged)

    def end_lease(self, token: int) -> None:
        """Forgets a lease and frees its roles."""
        self.leases.pop(token, None)
        self.owners.pop(token, None)
        self.roles = {role: holder for role, holder in self.roles.items() if holder != token}


class MemoryPartitions:
    """All partitions; one object shared by the adapters that together stand for one store."""

    def __init__(self) -> None:
        self._partitions: dict[Partition, MemoryPartition] = {}

    def __getitem__(self, partition: Partition) -> MemoryPartition:
        """Returns the contents of a partition, empty at first."""
        return self._partitions.setdefault(partition, MemoryPartition())
