"""A store and its locks, whose clock a test advances."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from postdate.adapters.system.id_generator import ShortIdGenerator, encode_partition
from postdate.domain.ids import MessageId
from postdate.domain.lease import Lease, Partition
from postdate.domain.messages.history import Claim
from postdate.domain.messages.message import Message
from postdate.domain.messages.outcome import Failure
from postdate.domain.messages.retry import DEFAULT_RETRY, RetryPolicy
from postdate.domain.messages.status import Status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from postdate.adapters.memory.clock import ManualClock
    from postdate.application.ports.claim_store import ClaimStore
    from postdate.application.ports.lease_lock import LeaseLock
    from postdate.application.ports.message_store import MessageStore
    from postdate.application.ports.message_writer import MessageWriter
    from postdate.application.ports.store_targets import StoreTargets
    from postdate.domain.messages.store_target import StoreTarget
    from postdate.domain.retention import Retention

FIRST = Partition(0)
LAST_OF_ONE_DIGIT = Partition(61)
FIRST_OF_TWO_DIGITS = Partition(62)
PARTITIONS = (FIRST, LAST_OF_ONE_DIGIT, FIRST_OF_TWO_DIGITS)

LABELS = ("a", "b", "žluť", "with:colon", "0", "1", "rare")
"""All labels that tests use, so that their keys can be removed."""

NOW = timedelta()
MS = timedelta(milliseconds=1)
TTL = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreWorld:
    """The ports of one store, which is empty at first.

    Attributes:
        clock: The clock of the store and the locks.
        store: The message store, with the default retention.
        writer: The message writer of the same store.
        claims: The claim store of the same store, with the default retention.
        locks: The lease lock of the same store.
        store_targets: The store targets of the same store.
        take_bodies: Empties a store target, and returns the bodies published there, oldest first.
        with_retention: Returns the same store, whose adapters have another retention.
        lose_leases: Removes all that the store knows of the leases of the first partition, but no claims, as a
            store does that has lost its last writes.
        ids: The id generator of the messages.
        claims_made: All claims made through this object.
    """

    clock: ManualClock
    store: MessageStore
    writer: MessageWriter
    claims: ClaimStore
    locks: LeaseLock
    store_targets: StoreTargets
    take_bodies: Callable[[StoreTarget], Awaitable[list[bytes]]]
    with_retention: Callable[[Retention], StoreWorld]
    lose_leases: Callable[[], Awaitable[None]]
    ids: ShortIdGenerator = field(default_factory=lambda: ShortIdGenerator(1))
    claims_made: list[Claim] = field(default_factory=list)

    def message(  # noqa: PLR0913  # what a message may have
        self,
        due_in: timedelta = NOW,
        *,
        body: bytes = b'{"n":1}',
        to: str = "console",
        partition: Partition = FIRST,
        retry: RetryPolicy = DEFAULT_RETRY,
        labels: tuple[str, ...] = (),
    ) -> Message:
        """Returns a new message, whose id sorts after all earlier ones."""
        now = self.clock.now()
        message_id = MessageId(self.ids.next(now)[:-1] + encode_partition(partition))
        due_at = now + due_in
        return Message(
            id=message_id,
            body=body,
            to=to,
            at=due_at,
            due_at=due_at,
            created_at=now,
            retry=retry,
            labels=labels,
        )

    def messages(self, count: int, due_in: timedelta = NOW) -> list[Message]:
        return [self.message(due_in) for _ in range(count)]

    async def added(self, due_in: timedelta = NOW) -> Message:
        (message,) = await self.all_added(1, due_in)
        return message

    async def all_added(self, count: int, due_in: timedelta = NOW) -> list[Message]:
        messages = self.messages(count, due_in)
        await self.writer.add(messages)
        return messages

    async def lease(self, owner: str = "one", *, partition: Partition = FIRST, ttl: timedelta = TTL) -> Lease:
        return await self.locks.acquire(partition, owner, ttl)

    async def claim(self, lease: Lease, limit: int = 500) -> list[Message]:
        self.claims_made.append(Claim(at=self.clock.now(), instance=lease.owner))
        return list((await self.claims.claim_due(lease, limit)).messages)

    def held(self, message: Message) -> Message:
        """Returns a message as the last claim returned it."""
        return message.claimed(self.claims_made[-1])

    async def cancel(self, message_id: MessageId) -> Message | None:
        """Cancels a message if it waits, and returns its state afterwards."""

        def cancelled(message: Message) -> Message:
            waits = message.status is Status.SCHEDULED
            return message.cancelled(self.clock.now()) if waits else message

        changed = await self.store.change(message_id, cancelled)
        return None if changed is None else changed.message

    async def claimed(self, lease: Lease, due_in: timedelta = NOW) -> Message:
        """Adds a due message and claims it."""
        await self.added(due_in)
        (message,) = await self.claim(lease)
        return message

    async def delivered(self, lease: Lease) -> Message:
        """Adds a message, claims it and settles it as delivered."""
        message = (await self.claimed(lease)).delivered(self.clock.now())
        assert await self.claims.settle(lease, [message]) == frozenset()
        return message

    async def died(self, lease: Lease) -> Message:
        message = (await self.claimed(lease)).died(self.failure())
        assert await self.claims.settle(lease, [message]) == frozenset()
        return message

    async def now_in_store(self, message: Message) -> Message:
        found = await self.store.get(message.id)
        assert found is not None, f"the store has forgotten {message.id}"
        return found

    def failure(self, reason: str = "refused") -> Failure:
        return Failure(at=self.clock.now(), reason=reason)

    def go_on(self, by: timedelta) -> None:
        self.clock.advance(by)


def ids_of(messages: Sequence[Message]) -> list[MessageId]:
    return [message.id for message in messages]
