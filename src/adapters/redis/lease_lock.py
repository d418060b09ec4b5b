"""Leases and roles in Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import LeaseLostError
from ...domain.lease import Lease
from ...domain.time.instant import MILLISECOND
from .records.role_field import ROLE_FIELDS

if TYPE_CHECKING:
    from datetime import timedelta

    from ...domain.lease import Partition, Role
    from .keys import KeySpace
    from .scripts.message_scripts import MessageScripts


class RedisLeaseLock:
    """Grants leases and roles by one script each."""

    def __init__(self, scripts: MessageScripts, keys: KeySpace) -> None:
        self._scripts = scripts
        self._keys = keys

    async def acquire(self, partition: Partition, owner: str, ttl: timedelta) -> Lease:
        """Grants a new lease."""
        token = await self._scripts.acquire_lease(self._keys[partition], _ms(ttl), owner)
        return Lease(partition=partition, owner=owner, token=token, ttl=ttl)

    async def renew(self, lease: Lease) -> bool:
        """Lets a live lease live for its time to live from now."""
        return await self._scripts.renew_lease(self._keys[lease.partition], lease.token, _ms(lease.ttl))

    async def release(self, lease: Lease) -> int:
        """Ends the lease and gives its claims back."""
        return await self._scripts.give_back_claims(self._keys[lease.partition], lease.token, end_lease=True)

    async def acquire_role(self, lease: Lease, role: Role) -> bool:
        """Takes a role that is free or already held."""
        taken = await self._scripts.acquire_role(self._keys[lease.partition], lease.token, ROLE_FIELDS[role])
        if taken is None:
            raise LeaseLostError(lease.owner, lease.token)
        return taken

    async def resign_role(self, lease: Lease, role: Role) -> None:
        """Frees a role that the lease holds."""
        await self._scripts.resign_role(self._keys[lease.partition], lease.token, ROLE_FIELDS[role])


def _ms(ttl: timedelta) -> int:
    return ttl // MILLISECOND
