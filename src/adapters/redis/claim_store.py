"""The claim store in Redis."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from ...application.ports.claim_store import ClaimResult, PartitionState
from ...domain.errors import LeaseLostError
from ...domain.ids import MessageId
from ...domain.messages.history import Claim
from ...domain.messages.status import Status
from ...domain.messages.store_target import store_target_of
from ...domain.time.instant import EPOCH, MILLISECOND, from_ms, to_ms, to_rfc3339
from .records.message_record import UnreadableRecordError, decode_message, encode_message
from .records.role_field import decode_role
from .scripts.replies import message_ids

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from ...application.ports.store_targets import StoreTargets
    from ...domain.lease import Lease, Partition
    from ...domain.messages.message import Message
    from ...domain.messages.store_target import StoreTarget
    from ...domain.retention import Retention
    from .keys import KeySpace
    from .scripts.claim_scripts import ClaimScripts

logger = logging.getLogger("postdate.redis")


class RedisClaimStore:
    """Claims messages by one script, and settles claims by one script for each kind of settlement."""

    def __init__(
        self, scripts: ClaimScripts, keys: KeySpace, store_targets: StoreTargets, retention: Retention
    ) -> None:
        self._scripts = scripts
        self._keys = keys
        self._store_targets = store_targets
        self._retention = (retention.age // MILLISECOND, retention.count)

    async def claim_due(self, lease: Lease, limit: int) -> ClaimResult:
        """Claims due messages."""
        reply = await self._scripts.claim_due(self._keys[lease.partition], lease, limit)
        if reply is None:
            raise LeaseLostError(lease.owner, lease.token)
        return ClaimResult(
            messages=await self._decode(lease, reply.now_us // 1000, reply.records),
            now=EPOCH + timedelta(microseconds=reply.now_us),
            next_due=_instant(reply.next_due_ms),
            next_expiry=_instant(reply.next_expiry_ms),
            taken_over=reply.taken_over,
        )

    async def settle(self, lease: Lease, messages: Sequence[Message]) -> frozenset[MessageId]:
        """Settles by one script, and by another for each store target to which messages are published."""
        others, published = _group_by_target(messages)
        lost: set[MessageId] = set()
        for target, group in published.items():
            lost.update(await self._publish(lease, target, group))
        if others or not published:
            keys = self._keys[lease.partition]
            rows = (
                (message.id, keys.queue(message.status), to_ms(message.due_at), encode_message(message))
                for message in others
            )
            lost.update(await self._settle(lease, rows))
        return frozenset(lost)

    async def _publish(
        self, lease: Lease, target: StoreTarget, messages: Sequence[Message]
    ) -> Iterable[MessageId]:
        key = self._store_targets.key_of(target, lease.partition)
        rows = (
            (
                message.id,
                to_ms(message.due_at),
                encode_message(message),
                message.body,
                to_rfc3339(message.at),
                msgspec.json.encode(message.labels),
            )
            for message in messages
        )
        lost = await self._scripts.publish_and_settle(
            self._keys[lease.partition], self._retention, lease, (target.kind, key, target.max_length), rows
        )
        return message_ids(lost)

    async def _settle(self, lease: Lease, rows: Iterable[tuple[str, str, int, bytes]]) -> Iterable[MessageId]:
        keys = self._keys[lease.partition]
        return message_ids(await self._scripts.settle_claims(keys, self._retention, lease, rows))

    async def give_back_unacknowledged(self, lease: Lease, held: Collection[MessageId]) -> int:
        """Gives back the claims under the lease that are not held."""
        return await self._scripts.give_back_claims(self._keys[lease.partition], lease, held)

    async def partition_state(self, partition: Partition) -> PartitionState:
        """Returns the next due time and the roles of a partition."""
        reply = await self._scripts.get_partition_state(self._keys[partition])
        return PartitionState(
            now=EPOCH + timedelta(microseconds=reply.now_us),
            next_due=_instant(reply.next_due_ms),
            roles={decode_role(field): from_ms(ms) for field, ms in reply.roles_ms},
        )

    async def _decode(
        self, lease: Lease, now_ms: int, records: Sequence[tuple[bytes, bytes | None]]
    ) -> list[Message]:
        """Decodes claimed records. Unreadable ones are moved to dead as they are, and do not affect the others."""
        claim = Claim(at=from_ms(now_ms), instance=lease.owner)
        messages, unreadable = [], []
        for raw_id, record in records:
            message_id = MessageId(raw_id.decode())
            try:
                messages.append(decode_message(message_id, record or b"", claim))
            except UnreadableRecordError as error:
                logger.error("message %s cannot be read and is dead: %s", message_id, error)  # noqa: TRY400  # no trace helps
                unreadable.append((message_id, record or b""))
        if unreadable:
            dead = self._keys[lease.partition].dead
            await self._settle(lease, ((message_id, dead, 0, record) for message_id, record in unreadable))
        return messages


def _group_by_target(
    messages: Sequence[Message],
) -> tuple[Sequence[Message], Mapping[StoreTarget, Sequence[Message]]]:
    """Returns the messages that are settled alone, and those that are also published, by their store target."""
    others: list[Message] = []
    published: dict[StoreTarget, list[Message]] = {}
    for message in messages:
        # Most destinations have no colon. Parsing a destination takes longer than everything else here.
        target = store_target_of(message.to) if message.status is Status.DELIVERED and ":" in message.to else None
        if target is None:
            others.append(message)
        else:
            published.setdefault(target, []).append(message)
    return others, published


def _instant(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)
