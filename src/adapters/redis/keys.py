"""The keys of Postdate in Redis. No other module knows their names."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from ...domain.messages.status import Status

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
    "grants",
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
"""The last part of each key of a partition."""


class PartitionKeys:
    """The keys of one partition. They share a hash tag, so that on a cluster they are all on the same node.

    Attributes:
        tag: The shared hash tag, `{NAMESPACE:PARTITION}`.
        messages: Hash, id to record.
        due: Zset, id to due time in ms, of the messages that wait.
        done: Zset, id to due time in ms, of the messages that are delivered, cancelled or expired.
        dead: Zset, id to due time in ms, of the dead messages.
        endings: List of `ENDED AT (ms):ID` of the messages in `done`, in the order of ending.
        labels: Hash, id to labels (msgpack), of the messages that have labels. `labels:LABEL` is a zset, id to due
            time in ms, of all messages with that label, in every state.
        claims: Zset, id to the fencing token of its claim.
        claimed: Hash, id to the time of its claim in ms.
        leases: Zset, fencing token to the expiry of the lease in ms.
        owners: Hash, fencing token to the owner of the lease.
        grants: Hash, fencing token to the nonce of the lease, a space, and its time to live in ms. A lease that an
            earlier version granted has no entry.
        seats: Hash, role to the fencing token of its holder.
        token: String, the last fencing token granted.
        schedules: Hash, id to record.
        planned: Zset, id to its next occurrence in ms, of the active schedules.
        schedule_ids: Zset, id to zero, so that schedules can be read in the order of their ids.
        doorbell: The channel of rings.
        mark: An empty string, written so that a connection has written something.
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
    grants: str
    seats: str
    token: str
    schedules: str
    planned: str
    schedule_ids: str
    doorbell: str
    mark: str

    def queue(self, status: Status) -> str:
        """Returns the key of the zset that messages of a status are in."""
        if status is Status.SCHEDULED:
            return self.due
        if status is Status.DELIVERING:
            return self.claims
        return self.dead if status is Status.DEAD else self.done

    def label(self, label: str) -> str:
        """Returns the key of the zset of the messages with a label."""
        return f"{self.labels}:{label}"

    def request_key(self, key: str) -> str:
        """Returns the key under which an idempotency key is stored. All have the same length."""
        return f"{self.messages.removesuffix('messages')}key:{blake2b(key.encode(), digest_size=16).hexdigest()}"


class KeySpace:
    """The keys of one namespace.

    Attributes:
        partitions: Set, the numbers of the registered partitions.
        events: Stream of message events. It exists while there are listeners.
        listening: String. It exists while there are listeners, and a while longer.
        webhook_secret: String, the secret that signs webhooks if none is configured.
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
    """Returns the mark of the partition of a key."""
    return key[: key.rindex(":") + 1] + "mark"
