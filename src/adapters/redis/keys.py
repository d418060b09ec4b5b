"""The names of Postdate's keys in Redis. No other module knows them."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...domain.lease import Partition


NAMES = (
    "claimed",
    "claims",
    "dead",
    "done",
    "doorbell",
    "due",
    "endings",
    "labels",
    "leases",
    "mark",
    "messages",
    "owners",
    "planned",
    "schedule_ids",
    "schedules",
    "seats",
    "token",
)
"""What each partition has a key of."""


class PartitionKeys:
    """The keys of one partition. They share a hash tag, so that on a cluster one node has them all.

    Attributes:
        tag: what they share, `{NAMESPACE:PARTITION}`.
        messages: hash, id to record.
        due: zset, id to when it is due, in ms.
        done: zset, id to when it was due, in ms, of what was delivered, cancelled or has expired.
        dead: zset, id to when it was due, in ms.
        endings: list of when it ended, in ms, and id of what is done, in the order of ending.
        labels: hash, id to labels (msgpack), of what has labels. With a colon and a label behind it:
            zset, id to when it is due, in ms, of all that has that label, whatever its state.
        claims: zset, id to the fencing token it is claimed under.
        claimed: hash, id to when it was claimed, in ms.
        leases: zset, fencing token to when the lease runs out, in ms.
        owners: hash, fencing token to the owner of the lease.
        seats: hash, role to the fencing token of its holder.
        token: the last fencing token granted.
        schedules: hash, id to record.
        planned: zset, id to when its next occurrence is, in ms, of each active schedule.
        schedule_ids: zset, id to zero, so that schedules can be read in the order of their ids.
        doorbell: channel of rings.
        mark: empty string that is written to have written something.
    """

    __slots__ = ("tag", *NAMES)

    def __init__(self, namespace: str, partition: Partition) -> None:
        self.tag = f"{{{namespace}:{partition}}}"
        for name in NAMES:
            setattr(self, name, f"postdate:{self.tag}:{name}")

    tag: str
    messages: str
    due: str
    done: str
    dead: str
    endings: str
    labels: str
    claims: str
    claimed: str
    leases: str
    owners: str
    seats: str
    token: str
    schedules: str
    planned: str
    schedule_ids: str
    doorbell: str
    mark: str

    def label(self, label: str) -> str:
        """Returns the key of the order of what has a label."""
        return f"{self.labels}:{label}"

    def request_key(self, key: str) -> str:
        """Returns the name of what is known of a client's key. It is of one length, whatever the key is."""
        return f"{self.messages.removesuffix('messages')}key:{blake2b(key.encode(), digest_size=16).hexdigest()}"


class KeySpace:
    """The keys of one namespace, partition by partition.

    Attributes:
        partitions: set, the numbers of the partitions there are.
        events: stream of what happens, while somebody listens.
        listening: is there while somebody listens, and a while longer.
        webhook_secret: the secret that webhooks are signed with where none is configured.
    """

    def __init__(self, namespace: str) -> None:
        self.partitions = f"postdate:{{{namespace}}}:partitions"
        self._namespace = namespace
        self._partitions: dict[Partition, PartitionKeys] = {}
        self.events = f"postdate:{{{namespace}}}:events"
        self.listening = f"postdate:{{{namespace}}}:listening"
        self.webhook_secret = f"postdate:{{{namespace}}}:webhook-secret"

    def __getitem__(self, partition: Partition) -> PartitionKeys:
        """Returns the keys of a partition."""
        keys = self._partitions.get(partition)
        if keys is None:
            keys = self._partitions[partition] = PartitionKeys(self._namespace, partition)
        return keys


def mark_beside(key: str) -> str:
    """Returns the mark of the partition that a key belongs to."""
    return key[: key.rindex(":") + 1] + "mark"
