"""The objects that benchmarks measure: the real adapters, with a namespace of their own on a server."""

from __future__ import annotations

import os
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from typing import TYPE_CHECKING

from postdate.adapters.redis.claim_store import RedisClaimStore
from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.keys import KeySpace
from postdate.adapters.redis.lease_lock import RedisLeaseLock
from postdate.adapters.redis.message_writer import RedisMessageWriter
from postdate.adapters.redis.scripts.claim_scripts import ClaimScripts
from postdate.adapters.redis.scripts.lease_scripts import LeaseScripts
from postdate.adapters.redis.scripts.message_scripts import MessageScripts
from postdate.adapters.redis.store_targets import RedisStoreTargets
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.domain.lease import Partition
from postdate.domain.messages.message import Message
from postdate.domain.retention import Retention
from postdate.domain.time.instant import from_ms, truncate_to_ms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from redis.asyncio import Redis

BATCH = 500
_numbers = count()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A namespace on a server, and the adapters that use it.

    Attributes:
        url: The URL of the server.
        namespace: The namespace. No other world uses it.
        redis: A client of the server.
        writer: The message writer.
        claims: The claim store.
        locks: The lease lock.
        ids: The id generator.
        claim_scripts: The scripts for claims.
        keys: The keys that the scripts work on.
    """

    url: str
    namespace: str
    redis: Redis
    writer: RedisMessageWriter
    claims: RedisClaimStore
    locks: RedisLeaseLock
    ids: ShortIdGenerator
    claim_scripts: ClaimScripts
    keys: KeySpace

    def message(self, body: bytes, at: datetime) -> Message:
        """Creates a message for the console."""
        now = datetime.now(UTC)
        due_at = truncate_to_ms(at)
        return Message(
            id=self.ids.next(now),
            body=body,
            to="console",
            at=due_at,
            due_at=due_at,
            created_at=truncate_to_ms(now),
        )

    def message_with_due_time(self, due_ms: int) -> Message:
        """Creates a message whose body is its due time in ms since 1970."""
        return self.message(b"%d" % due_ms, from_ms(due_ms))

    async def fill(self, messages: Iterable[Message], batch: int = BATCH) -> None:
        """Adds messages in batches. The iterable is read batch by batch."""
        rest = iter(messages)
        while chunk := list(islice(rest, batch)):
            await self.writer.add(chunk)

    async def ring(self) -> None:
        """Rings the doorbell, as scheduling does when the next due time moves up."""
        await self.redis.publish(self.keys[Partition(0)].doorbell, b"")

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables of a Postdate process that works in this namespace."""
        return {**os.environ, "POSTDATE_REDIS_URL": self.url, "POSTDATE_NAMESPACE": self.namespace}


@asynccontextmanager
async def new_world(url: str) -> AsyncIterator[World]:
    """Creates a world with a new namespace on the server."""
    redis = connect(url)
    namespace = f"bench{next(_numbers)}"
    keys, ids, claim_scripts = KeySpace(namespace), ShortIdGenerator(partitions=1), ClaimScripts(redis)
    store_targets = RedisStoreTargets(redis, keys, tagged=False)
    try:
        yield World(
            url=url,
            namespace=namespace,
            redis=redis,
            writer=RedisMessageWriter(MessageScripts(redis), keys, ids),
            claims=RedisClaimStore(claim_scripts, keys, store_targets, Retention()),
            locks=RedisLeaseLock(LeaseScripts(redis), keys),
            ids=ids,
            claim_scripts=claim_scripts,
            keys=keys,
        )
    finally:
        await redis.aclose()


def command(*arguments: str) -> Sequence[str]:
    """Returns the command line of a Postdate process."""
    return [sys.executable, "-m", "postdate.entrypoints.cli", *arguments]
