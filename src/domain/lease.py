"""Leases: the right of an instance to act within a partition for a limited time, with a fencing token."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from datetime import timedelta

Partition = NewType("Partition", int)
"""The number of a partition, from 0. A partition is a complete small scheduler within a namespace."""


class Role(StrEnum):
    """A role in the leader election of a partition. One instance at a time holds it, under its lease."""

    LEADER = "leader"
    """Sleeps until the millisecond at which the next message is due, and delivers it."""
    STANDBY = "standby"
    """Wakes a little later, and delivers what the leader did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """An instance's lease within a partition. It ends when its time to live has passed without a renewal.

    Attributes:
        partition: The partition that the lease is valid in.
        owner: The instance that owns the lease.
        token: The fencing token. It only grows within a partition, so the later one of two leases is known.
        ttl: How long the lease is valid after it was acquired or renewed.
        nonce: Tells the lease apart from another lease with the same token, which a store that has lost its last
            writes may grant.
    """

    partition: Partition
    owner: str
    token: int
    ttl: timedelta
    nonce: str = field(default="", repr=False)
