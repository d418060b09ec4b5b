"""The port that decides who is alive, and who holds which role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import timedelta

    from ...domain.lease import Lease, Partition, Role


class LeaseLock(Protocol):
    """Grants leases and roles by the store's clock. Each method is atomic.

    Every method may raise `StoreUnavailableError`; whether what it asked for has happened is then unknown, and a
    lease that nobody renews runs out by itself.
    """

    async def acquire(self, partition: Partition, owner: str, ttl: timedelta) -> Lease:
        """Grants a new lease. Its token is greater than every one granted in the partition before.

        An owner may hold several leases; they are told apart by their tokens.
        """
        ...

    async def renew(self, lease: Lease) -> bool:
        """Lets the lease live for another `lease.ttl` from now. False, and no change, if it had run out."""
        ...

    async def release(self, lease: Lease) -> int:
        """Ends the lease, frees its roles and gives back at once what was claimed under it.

        What is given back returns to its place in due order, and the claim is not counted as an attempt. Returns
        how many claims that were. Releasing a lease that is over does no harm.
        """
        ...

    async def acquire_role(self, lease: Lease, role: Role) -> bool:
        """Takes a role, if it is free or the lease holds it already. A role is free once its lease is over.

        Raises:
            LeaseLostError: the lease ran out.
        """
        ...

    async def resign_role(self, lease: Lease, role: Role) -> None:
        """Frees a role, if the lease holds it."""
        ...
