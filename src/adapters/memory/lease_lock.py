"""Leases and roles in the memory of this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...application.ports.lease_lock import Renewal
from ...domain.lease import Lease
from ...domain.time.instant import truncate_to_ms
from ..system.nonce import random_nonce

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from ...application.ports.clock import Clock
    from ...domain.lease import Partition, Role
    from .partitions import MemoryPartitions


class MemoryLeaseLock:
    """Grants leases and roles in the given partitions, by the given clock."""

    def __init__(
        self, partitions: MemoryPartitions, clock: Clock, new_nonce: Callable[[], str] = random_nonce
    ) -> None:
        self._partitions = partitions
        self._clock = clock
        self._new_nonce = new_nonce

    async def acquire(self, partition: Partition, owner: str, ttl: timedelta) -> Lease:
        """Grants a new lease."""
        contents, now = self._partitions[partition], self._clock.now()
        lease = Lease(
            partition=partition, owner=owner, token=contents.next_token(now), ttl=ttl, nonce=self._new_nonce()
        )
        contents.leases[lease.token] = truncate_to_ms(now) + ttl
        contents.grants[lease.token] = lease
        contents.cap_leases(now)
        return lease

    async def renew(self, lease: Lease) -> Renewal:
        """Extends or revives a lease that has not ended."""
        contents, now = self._partitions[lease.partition], self._clock.now()
        if not contents.is_own(lease):
            return Renewal.LOST
        was_alive = contents.is_alive(lease.token, now)
        contents.leases[lease.token] = truncate_to_ms(now) + lease.ttl
        contents.cap_leases(now)
        return Renewal.EXTENDED if was_alive else Renewal.REVIVED

    async def release(self, lease: Lease) -> int:
        """Ends the lease and gives back its claims."""
        contents = self._partitions[lease.partition]
        if not contents.is_own(lease):
            return 0
        given_back = contents.give_back(lease.token)
        contents.end_lease(lease.token)
        return given_back

    async def acquire_role(self, lease: Lease, role: Role) -> bool:
        """Acquires a role that is free or that the lease holds already."""
        contents, now = self._partitions[lease.partition], self._clock.now()
        contents.require_alive(lease, now)
        holder = contents.roles.get(role, lease.token)
        if holder != lease.token and contents.is_alive(holder, now):
            return False
        contents.roles[role] = lease.token
        return True

    async def resign_role(self, lease: Lease, role: Role) -> None:
        """Frees a role that the lease holds."""
        contents = self._partitions[lease.partition]
        if contents.is_own(lease) and contents.roles.get(role) == lease.token:
            del contents.roles[role]
