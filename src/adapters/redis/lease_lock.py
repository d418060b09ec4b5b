"""Leases and seats in Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import LeaseLostError
from ...domain.instant import MILLISECOND
from ...domain.lease import Lease

if TYPE_CHECKING:
    from datetime import timedelta

    from ...domain.lease import Partition, Seat
    from .keys import KeySpace
    from .scripts import Scripts


class RedisLeaseLock:
    """Grants leases and seats by one script each."""

    def __init__(self, scripts: Scripts, keys: KeySpace) -> None:
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

    async def take(self, lease: Lease, seat: Seat) -> bool:
        """Takes a seat that is free or already held."""
        taken = await self._scripts.take_seat(self._keys[lease.partition], lease.token, seat)
        if taken is None:
            raise LeaseLostError(lease.owner, lease.token)
        return taken

    async def leave(self, lease: Lease, seat: Seat) -> None:
        """Frees a seat that the lease holds."""
        await self._scripts.leave_seat(self._keys[lease.partition], lease.token, seat)


def _ms(ttl: timedelta) -> int:
    return ttl // MILLISECOND
