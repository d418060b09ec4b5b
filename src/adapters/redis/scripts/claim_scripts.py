"""The Lua scripts that claim messages and settle claims, as typed methods. No other module runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .loaded_scripts import LoadedScripts, optional_int, run
from .replies import ClaimReply, PartitionStateReply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from redis.asyncio import Redis

    from ....domain.lease import Lease
    from ..keys import PartitionKeys
    from .loaded_scripts import Arg


class ClaimScripts(LoadedScripts):
    """The scripts on one server or cluster. Each is atomic.

    None waits for the configured durability: a claim or a settlement that is lost is repeated.
    """

    def __init__(self, redis: Redis, now_ms: Callable[[], int] | None = None) -> None:
        """Uses the clock of the server, or `now_ms` in tests."""
        super().__init__(redis, now_ms)
        self._claim_due = self._load("claims/claim_due")
        self._settle_claims = self._load("claims/settle_claims")
        self._publish_and_settle = self._load("claims/publish_and_settle")
        self._give_back_claims = self._load("claims/give_back_claims")
        self._get_partition_state = self._load("claims/get_partition_state")

    async def claim_due(self, keys: PartitionKeys, lease: Lease, limit: int) -> ClaimReply | None:
        """Claims due messages; returns `None` if the lease has expired or is another owner's."""
        names = [keys.messages, keys.due, keys.claims, keys.claimed, keys.leases, keys.owners]
        names += [keys.seats, keys.grants]
        reply = await run(self._claim_due, names, [self._now(), lease.token, lease.nonce, limit])
        if reply is None:
            return None
        now_us, next_due, next_expiry, taken_over, *rest = reply
        return ClaimReply(
            now_us=now_us,
            next_due_ms=optional_int(next_due),
            next_expiry_ms=optional_int(next_expiry),
            taken_over=taken_over,
            records=list(zip(rest[::2], rest[1::2], strict=True)),
        )

    async def settle_claims(
        self,
        keys: PartitionKeys,
        retention: tuple[int, int],
        lease: Lease,
        settled: Iterable[tuple[str, str, int, bytes]],
    ) -> Sequence[bytes]:
        """Settles messages.

        Args:
            keys: The keys of the partition.
            retention: The maximal age in ms and the maximal number of ended messages that are kept.
            lease: The lease of the caller.
            settled: Each message as (id, next queue key, due in ms, record).

        Returns:
            The ids whose claims are lost.
        """
        names = [keys.messages, keys.due, keys.done, keys.dead, keys.endings]
        names += [keys.claims, keys.claimed, keys.labels, keys.grants]
        args: list[Arg] = [self._now(), *retention, lease.token, lease.nonce]
        for message_id, queue_key, due_ms, record in settled:
            args += (message_id, names.index(queue_key) + 1, due_ms, record)
        lost: Sequence[bytes] = await run(self._settle_claims, names, args)
        return lost

    async def publish_and_settle(
        self,
        keys: PartitionKeys,
        retention: tuple[int, int],
        lease: Lease,
        target: tuple[str, str, int | None],
        settled: Iterable[tuple[str, int, bytes, bytes, str, bytes]],
    ) -> Sequence[bytes]:
        """Publishes messages to a store target and settles them as delivered.

        Args:
            keys: The keys of the partition.
            retention: The maximal age in ms and the maximal number of ended messages that are kept.
            lease: The lease of the caller.
            target: The kind, the key and the maximal length of the target; `None`: it has no maximal length.
            settled: Each message as (id, due in ms, record, body, scheduled for, labels).

        Returns:
            The ids whose claims are lost or were given back.
        """
        kind, target_key, max_length = target
        names = [
            keys.messages,
            keys.due,
            keys.done,
            keys.endings,
            keys.claims,
            keys.claimed,
            keys.labels,
            target_key,
            keys.grants,
        ]
        args: list[Arg] = [self._now(), *retention, lease.token, lease.nonce]
        args += (kind, "" if max_length is None else max_length)
        for message in settled:
            args += message
        lost: Sequence[bytes] = await run(self._publish_and_settle, names, args)
        return lost

    async def give_back_claims(self, keys: PartitionKeys, lease: Lease, kept: Iterable[str]) -> int:
        """Gives back the claims of a lease, except the kept ones; returns how many were given back."""
        names = [keys.messages, keys.due, keys.claims, keys.claimed, keys.grants]
        return int(await run(self._give_back_claims, names, [lease.token, lease.nonce, *kept]))

    async def get_partition_state(self, keys: PartitionKeys) -> PartitionStateReply:
        """Reads the next due time of a partition and the expiry of its roles."""
        names = [keys.due, keys.leases, keys.seats]
        now_us, next_due, *rest = await run(self._get_partition_state, names, [self._now()])
        roles = [(role, int(expires_ms)) for role, expires_ms in zip(rest[::2], rest[1::2], strict=True)]
        return PartitionStateReply(now_us=now_us, next_due_ms=optional_int(next_due), roles_ms=roles)
