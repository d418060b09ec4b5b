"""The port that grants leases and roles."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import timedelta

    from ...domain.lease import Lease, Partition, Role


class Renewal(IntEnum):
    """What a renewal did. It is false if the lease is lost."""

    LOST = 0
    """The lease has ended. Its claims were given back, or another owner took them over."""
    EXTENDED = 1
    """The lease had not expired."""
    REVIVED = 2
    """The lease had expired, but nobody had taken its claims over. Other owners may have acquired its roles."""


class LeaseLock(Protocol):
    """Grants leases and roles, by the clock of the store. Each method is atomic.

    Every method raises `StoreUnavailableError` when the store does not answer. It is then unknown whether the call
    took effect. A lease that nobody renews expires.

    If the clock goes back, the next `acquire` or `renew` of any owner shortens the leases of the partition. Each
    then ends after its own time to live at the latest.
    """

    async def acquire(self, partition: Partition, owner: str, ttl: timedelta) -> Lease:
        """Grants a new lease. Its fencing token is greater than every earlier token of the partition.

        An owner may hold several leases. Their tokens tell them apart.
        """
        ...

    async def renew(self, lease: Lease) -> Renewal:
        """Extends the lease to `lease.ttl` from now, unless it has ended.

        A lease that has expired does not end at once. It ends when a claim of another owner has taken its claims
        over. Until then a renewal revives it, because its owner may still deliver what it has claimed.
        """
        ...

    async def release(self, lease: Lease) -> int:
        """Ends the lease, frees its roles and gives back its claims; returns how many claims there were.

        The messages return to due order, and the claims do not count as attempts. Releasing a lease that has ended
        does no harm.
        """
        ...

    async def acquire_role(self, lease: Lease, role: Role) -> bool:
        """Returns whether the lease now holds the role: it was free, or the lease held it already.

        A role is free once the lease of its holder has ended.

        Raises:
            LeaseLostError: The lease has expired.
        """
        ...

    async def resign_role(self, lease: Lease, role: Role) -> None:
        """Frees the role, if the lease holds it."""
        ...
