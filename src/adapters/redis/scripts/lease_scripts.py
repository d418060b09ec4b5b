"""The Lua scripts of leases and roles, as typed methods. No other module runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .loaded_scripts import LoadedScripts, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis.asyncio import Redis

    from ....domain.lease import Lease
    from ..keys import PartitionKeys


class LeaseScripts(LoadedScripts):
    """The scripts on one server or cluster. Each is atomic."""

    def __init__(self, redis: Redis, now_ms: Callable[[], int] | None = None) -> None:
        """Uses the clock of the server, or `now_ms` in tests."""
        super().__init__(redis, now_ms)
        self._acquire_lease = self._load("leases/acquire_lease")
        self._renew_lease = self._load("leases/renew_lease")
        self._release_lease = self._load("leases/release_lease")
        self._acquire_role = self._load("leases/acquire_role")
        self._resign_role = self._load("leases/resign_role")

    async def acquire_lease(self, keys: PartitionKeys, ttl_ms: int, owner: str, nonce: str) -> int:
        """Grants a lease; returns its fencing token."""
        names = [keys.leases, keys.owners, keys.token, keys.grants]
        return int(await run(self._acquire_lease, names, [self._now(), ttl_ms, owner, nonce]))

    async def renew_lease(self, keys: PartitionKeys, lease: Lease, ttl_ms: int) -> int:
        """Extends a lease; returns 1 if it had not expired, 2 if it is revived, 0 if it has ended."""
        args = [self._now(), lease.token, lease.nonce, ttl_ms]
        return int(await run(self._renew_lease, [keys.leases, keys.grants], args))

    async def release_lease(self, keys: PartitionKeys, lease: Lease) -> int:
        """Ends a lease, frees its roles and gives back its claims; returns how many claims there were."""
        names = [keys.messages, keys.due, keys.claims, keys.claimed, keys.leases, keys.owners]
        names += [keys.seats, keys.grants]
        return int(await run(self._release_lease, names, [lease.token, lease.nonce]))

    async def acquire_role(self, keys: PartitionKeys, lease: Lease, role: str) -> bool | None:
        """Acquires a role; returns whether the lease now holds it, `None` if the lease has expired."""
        args = [self._now(), lease.token, lease.nonce, role]
        reply = await run(self._acquire_role, [keys.leases, keys.seats, keys.grants], args)
        return None if reply is None else reply == 1

    async def resign_role(self, keys: PartitionKeys, lease: Lease, role: str) -> bool:
        """Frees a role; returns whether the lease held it."""
        return bool(await run(self._resign_role, [keys.seats, keys.grants], [lease.token, lease.nonce, role]))
