"""The port that claims due messages and settles the claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from ...domain.ids import MessageId
    from ...domain.lease import Lease, Partition, Role
    from ...domain.messages.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimResult:
    """The result of a claim.

    Attributes:
        messages: The claimed messages, in due order, then by id. The caller now has to deliver them.
        now: The time of the claim, by the store's clock.
        next_due: When the earliest message that still waits is due; `None` if none waits.
        next_expiry: When the earliest lease of another owner expires unless renewed; `None` if there is none.
        taken_over: The number of claims of lost owners that were returned to due order.
    """

    messages: Sequence[Message]
    now: datetime
    next_due: datetime | None
    next_expiry: datetime | None
    taken_over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionState:
    """The next due time of a partition, and its roles.

    Attributes:
        now: The current time, by the store's clock.
        next_due: When the earliest waiting message is or was due; `None` if none waits.
        roles: When the lease of each role's holder expires unless renewed. A role that nobody holds is missing.
    """

    now: datetime
    next_due: datetime | None
    roles: Mapping[Role, datetime]

    @property
    def overdue(self) -> timedelta | None:
        """The lateness of the earliest waiting message; `None` if none is due."""
        if self.next_due is None or self.next_due > self.now:
            return None
        return self.now - self.next_due


class ClaimStore(Protocol):
    """Claims due messages and settles the claims. Each method is atomic; `settle` is so for each message.

    The store's clock decides which messages are due and which leases are alive. No method waits for the configured
    `Durability`: a claim or a settlement that the store loses is repeated.

    Every method raises `StoreUnavailableError` when the store does not answer. It is then unknown whether the call
    took effect.
    """

    async def claim_due(self, lease: Lease, limit: int) -> ClaimResult:
        """Claims up to `limit` due messages of the lease's partition for the lease's owner.

        First, claims under expired leases return to due order, and each counts as an attempt. A message is claimed
        under one lease at a time, and stays claimed while that lease is alive.

        Raises:
            LeaseLostError: The lease has expired. Nothing was claimed.
        """
        ...

    async def settle(self, lease: Lease, messages: Sequence[Message]) -> frozenset[MessageId]:
        """Ends claims by writing the next state of each message: delivered, dead, expired, or scheduled again.

        Only claims under the fencing token of this lease count. The ids of all other messages are returned, and
        these messages do not change. Settling twice does no harm: the second call returns all ids.

        A message delivered to a store target (`domain/messages/store_target.py`) is published there in the same
        atomic step. If the key of the target holds another type, the claim is given back and its id is returned.

        Afterwards the store forgets delivered, cancelled and expired messages that its `Retention` does not keep;
        their ids become free. Dead messages are never forgotten.
        """
        ...

    async def give_back_unacknowledged(self, lease: Lease, held: Collection[MessageId]) -> int:
        """Gives back the claims under a lease that are not in `held`, and returns how many there were.

        These are the claims of a call whose answer was lost. They return to due order and do not count as
        attempts. A repeat does no harm.
        """
        ...

    async def partition_state(self, partition: Partition) -> PartitionState:
        """Returns the next due time of a partition and the expiry of its roles."""
        ...
