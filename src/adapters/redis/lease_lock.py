"""Leases and roles in Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...application.ports.lease_lock import Renewal
from ...domain.errors import LeaseLostError
from ...domain.lease import Lease
from ...domain.time.instant import MILLISECOND
from ..system.nonce import random_nonce
from .records.role_field import ROLE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from ...domain.lease import Partition, Role
    from .keys import KeySpace
    from .scripts.lease_scripts import LeaseScripts


class RedisLeaseLock:
    """Grants leases and roles by one script each."""

    def __init__(self, scripts: LeaseScripts, keys: KeySpace, new_nonce: Callable[[], str] = random_nonce) -> None:
        self._scripts = scripts
        self._keys = keys
        self._new_nonce = new_nonce

    async def acquire(self, partition: Partition, owner: str, ttl: timedelta) -> Lease:
        """Grants a new lease."""
        nonce = self._new_nonce()
        token = await self._scripts.acquire_lease(self._keys[partition], ttl // MILLISECOND, owner, nonce)
        return Lease(partition=partition, owner=owner, token=token, ttl=ttl, nonce=nonce)

    async def renew(self, lease: Lease) -> Renewal:
        """Extends or revives a lease that has not ended."""
        keys, ttl_ms = self._keys[lease.partition], lease.ttl // MILLISECOND
        return Renewal(await self._scripts.renew_lease(keys, lease, ttl_ms))

    async def release(self, lease: Lease) -> int:
        """Ends the lease and gives back its claims."""
        return await self._scripts.release_lease(self._keys[lease.partition], lease)

    async def acquire_role(self, lease: Lease, role: Role) -> bool:
        """Acquires a role that is free or that the lease holds already."""
        holds = await self._scripts.acquire_role(self._keys[lease.partition], lease, ROLE_FIELDS[role])
        if holds is None:
            raise LeaseLostError(lease.owner, lease.token)
        return holds

    async def resign_role(self, lease: Lease, role: Role) -> None:
        """Frees a role that the lease holds."""
        await self._scripts.resign_role(self._keys[lease.partition], lease, ROLE_FIELDS[role])
