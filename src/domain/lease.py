"""Leases: the right to act for a while, told apart from every later one by a fencing token."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from datetime import timedelta

Partition = NewType("Partition", int)
"""A complete small scheduler within a namespace, counted from 0."""


class Role(StrEnum):
    """A role in the leader election of a partition. One instance at a time holds it, under its lease."""

    LEADER = "leader"
    """Sleeps until the millisecond at which the next message is due, and delivers it."""
    STANDBY = "standby"
    """Wakes a moment later, and delivers what the leader did not."""


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
