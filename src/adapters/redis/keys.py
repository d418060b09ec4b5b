"""The names of Postdate's keys in Redis. No other module knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...domain.lease import Partition


class PartitionKeys:
    """The keys of one partition. They share a hash tag, so that on a cluster one node has them all.

    Attributes:
        messages: hash, id to record.
        due: zset, id to when it is due, in ms.
        claims: zset, id to the fencing token it is claimed under.
        leases: zset, fencing token to when the lease runs out, in ms.
        seats: hash, seat to the fencing token of its holder.
        token: the last fencing token granted.
        done: zset, id to when it was delivered, cancelled or expired, in ms.
        dead: zset, id to when it died, in ms.
        doorbell: channel of rings.
    """

    __slots__ = ("claims", "dead", "done", "doorbell", "due", "leases", "messages", "seats", "token")

    def __init__(self, namespace: str, partition: Partition) -> None:
        prefix = f"postdate:{{{namespace}:{partition}}}:"
        self.messages = prefix + "messages"
        self.due = prefix + "due"
        self.claims = prefix + "claims"
        self.leases = prefix + "leases"
        self.seats = prefix + "seats"
        self.token = prefix + "token"
        self.done = prefix + "done"
        self.dead = prefix + "dead"
        self.doorbell = prefix + "doorbell"


class KeySpace:
    """The keys of one namespace, partition by partition."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._partitions: dict[Partition, PartitionKeys] = {}

    def __getitem__(self, partition: Partition) -> PartitionKeys:
        """Returns the keys of a partition."""
        keys = self._partitions.get(partition)
        if keys is None:
            keys = self._partitions[partition] = PartitionKeys(self._namespace, partition)
        return keys
