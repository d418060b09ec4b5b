"""Leases: the right to act for a while, told apart from every later one by a fencing token."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from datetime import timedelta

Partition = NewType("Partition", int)
"""A complete small scheduler within a namespace, counted from 0."""


class Seat(StrEnum):
    """A duty of which a partition has one, held under a lease and free again when that is over."""

    WATCH = "watch"
    """Sleeps to the very millisecond the next message is due."""
    DEPUTY = "deputy"
    """Wakes a moment later and steps in if the watch has not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """An instance's life within a partition, until its time to live has passed unrenewed.

    Attributes:
        partition: where the lease holds.
        owner: the instance that lives by it.
        token: the fencing token. It only grows within a partition, so of two leases the later is known.
        ttl: how long the lease lives after it was taken or renewed.
    """

    partition: Partition
    owner: str
    token: int
    ttl: timedelta
