"""The claim store in the memory of this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...application.ports.claim_store import ClaimResult, PartitionState
from ...domain.messages.history import Claim
from ...domain.messages.status import Status
from ...domain.messages.store_target import store_target_of
from ...domain.retention import DEFAULT_RETENTION
from ...domain.time.instant import from_ms, to_ms, truncate_to_ms
from .store_targets import MemoryStoreTargets

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from ...application.ports.clock import Clock
    from ...domain.ids import MessageId
    from ...domain.lease import Lease, Partition
    from ...domain.messages.message import Message
    from ...domain.retention import Retention
    from .partitions import MemoryPartition, MemoryPartitions


class MemoryClaimStore:
    """Claims and settles the messages in the given partitions, by the given clock."""

    def __init__(
        self,
        partitions: MemoryPartitions,
        clock: Clock,
        retention: Retention = DEFAULT_RETENTION,
        store_targets: MemoryStoreTargets | None = None,
    ) -> None:
        self._partitions = partitions
        self._clock = clock
        self._retention = retention
        self._store_targets = store_targets or MemoryStoreTargets()

    async def claim_due(self, lease: Lease, limit: int) -> ClaimResult:
        """Takes over the claims of lost owners, then claims due messages."""
        partition, now = self._partitions[lease.partition], self._clock.now()
        partition.require_alive(lease, now)
        taken_over = _take_over(partition, now)
        claim = Claim(at=truncate_to_ms(now), instance=lease.owner)
        claimed = [
            partition.messages[message_id].claimed(claim)
            for due_ms, message_id in partition.due[:limit]
            if due_ms <= to_ms(now)
        ]
        del partition.due[: len(claimed)]
        for message in claimed:
            partition.messages[message.id] = message
            partition.claims[message.id] = lease.token
        return ClaimResult(
            messages=claimed,
            now=now,
            next_due=from_ms(partition.due[0][0]) if partition.due else None,
            next_expiry=min(
                (end for token, end in partition.leases.items() if token != lease.token), default=None
            ),
            taken_over=taken_over,
        )

    async def settle(self, lease: Lease, messages: Sequence[Message]) -> frozenset[MessageId]:
        """Writes the next states of the messages that are claimed under the lease's token."""
        partition = self._partitions[lease.partition]
        lost = frozenset(message.id for message in messages if not self._settle(partition, lease, message))
        partition.forget(self._retention, self._clock.now())
        return lost

    def _settle(self, partition: MemoryPartition, lease: Lease, message: Message) -> bool:
        if not partition.is_own(lease) or partition.claims.get(message.id) != lease.token:
            return False
        del partition.claims[message.id]
        target = store_target_of(message.to) if message.status is Status.DELIVERED else None
        if target is not None and not self._store_targets.publish(target, message):
            partition.wait(partition.messages[message.id].given_back())
            return False
        if message.status is Status.SCHEDULED:
            partition.wait(message)
        else:
            partition.end(message, self._clock.now())
        return True

    async def give_back_unacknowledged(self, lease: Lease, held: Collection[MessageId]) -> int:
        """Gives back the claims under the lease that are not held."""
        partition = self._partitions[lease.partition]
        return partition.give_back(lease.token, held) if partition.is_own(lease) else 0

    async def partition_state(self, partition: Partition) -> PartitionState:
        """Returns the next due time and the roles of a partition."""
        contents, now = self._partitions[partition], self._clock.now()
        return PartitionState(
            now=now,
            next_due=from_ms(contents.due[0][0]) if contents.due else None,
            roles={
                role: contents.leases[token]
                for role, token in contents.roles.items()
                if contents.is_alive(token, now)
            },
        )


def _take_over(partition: MemoryPartition, now: datetime) -> int:
    """Returns the claims of expired leases to due order, counted as attempts; returns how many there were."""
    taken_over = 0
    for token in [token for token in partition.leases if not partition.is_alive(token, now)]:
        for message in partition.claims_of(token):
            del partition.claims[message.id]
            partition.wait(message.taken_over(truncate_to_ms(now)))
            taken_over += 1
        partition.end_lease(token)
    return taken_over
