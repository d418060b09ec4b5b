"""The same calls, chosen by Hypothesis, on memory and on Redis: all answers must be equal."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from postdate.adapters.memory.claim_store import MemoryClaimStore
from postdate.adapters.memory.clock import ManualClock
from postdate.adapters.memory.lease_lock import MemoryLeaseLock
from postdate.adapters.memory.message_store import MemoryMessageStore
from postdate.adapters.memory.message_writer import MemoryMessageWriter
from postdate.adapters.memory.partitions import MemoryPartitions
from postdate.adapters.redis.claim_store import RedisClaimStore
from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.keys import KeySpace
from postdate.adapters.redis.lease_lock import RedisLeaseLock
from postdate.adapters.redis.message_store import RedisMessageStore
from postdate.adapters.redis.message_writer import RedisMessageWriter
from postdate.adapters.redis.scripts.claim_scripts import ClaimScripts
from postdate.adapters.redis.scripts.lease_scripts import LeaseScripts
from postdate.adapters.redis.scripts.message_scripts import MessageScripts
from postdate.adapters.redis.store_targets import RedisStoreTargets
from postdate.adapters.system.id_generator import ShortIdGenerator, encode_partition
from postdate.domain.errors import PostdateError
from postdate.domain.ids import MessageId
from postdate.domain.lease import Lease, Partition, Role
from postdate.domain.messages.edit import Edit
from postdate.domain.messages.message import Message
from postdate.domain.messages.outcome import Failure
from postdate.domain.messages.query import Query
from postdate.domain.messages.status import Status
from postdate.domain.retention import Retention
from postdate.domain.time.instant import to_ms
from tests.integration.redis.conftest import names_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from redis.asyncio import Redis

    from postdate.application.ports.claim_store import ClaimStore
    from postdate.application.ports.lease_lock import LeaseLock
    from postdate.application.ports.message_store import MessageStore
    from postdate.application.ports.message_writer import MessageWriter

MS = timedelta(milliseconds=1)
PARTITION = Partition(62)
RETENTION = Retention(age=timedelta(seconds=1), count=1)
EXAMPLES = 80
STEPS = 40

waits = st.sampled_from([-5 * MS, timedelta(), MS, 5 * MS, timedelta(seconds=1)])
picks = st.integers(0, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The ports of one store."""

    store: MessageStore
    writer: MessageWriter
    claims: ClaimStore
    locks: LeaseLock


class Twins:
    """A store in memory and one in Redis, with the same clock. Each call goes to both."""

    def __init__(self, url: str, clock: ManualClock) -> None:
        ids, parts, keys = ShortIdGenerator(1), MemoryPartitions(), KeySpace(f"twin-{uuid4().hex}")
        self.redis: Redis = connect(url)
        self._keys = keys
        in_memory = Twin(
            store=MemoryMessageStore(parts, ids, clock, RETENTION),
            writer=MemoryMessageWriter(parts, ids, clock),
            claims=MemoryClaimStore(parts, clock, RETENTION),
            locks=MemoryLeaseLock(parts, clock, _nonces()),
        )

        def now_ms() -> int:
            return to_ms(clock.now())

        scripts, targets = MessageScripts(self.redis, now_ms), RedisStoreTargets(self.redis, keys, tagged=False)
        in_redis = Twin(
            store=RedisMessageStore(scripts, keys, ids, RETENTION),
            writer=RedisMessageWriter(scripts, keys, ids),
            claims=RedisClaimStore(ClaimScripts(self.redis, now_ms), keys, targets, RETENTION),
            locks=RedisLeaseLock(LeaseScripts(self.redis, now_ms), keys, _nonces()),
        )
        self._twins = (in_memory, in_redis)

    async def ask(self, question: Callable[[Twin], Awaitable[object]]) -> Any:  # noqa: ANN401  # answers differ
        first, second = [await _answer(question(twin)) for twin in self._twins]
        assert first == second
        return first

    async def end(self) -> None:
        await self.redis.unlink(*names_of(self._keys[PARTITION]))
        await self.redis.aclose()


def _nonces() -> Callable[[], str]:
    """Returns a source of nonces. All sources draw the same ones, so that the leases of twins are equal."""
    drawn = count()
    return lambda: str(next(drawn))


async def _answer(asked: Awaitable[object]) -> object:
    """Returns the answer, or the text of the error."""
    try:
        return await asked
    except PostdateError as error:
        return f"{type(error).__name__}: {error}"


async def _all_pages(store: MessageStore, query: Query, limit: int) -> list[Message]:
    """Returns the messages of all pages. The stores may end a page at different messages."""
    page = await store.find(PARTITION, query, None, limit)
    found = list(page.messages)
    while page.next is not None:
        page = await store.find(PARTITION, query, page.next, limit)
        found += page.messages
    return found


class SameAsMemory(RuleBasedStateMachine):
    """Chooses calls and compares the answers."""

    url: ClassVar[str]
    leases: Bundle[Lease] = Bundle("leases")

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.clock = ManualClock()
        self.ids = ShortIdGenerator(1)
        self.twins = self.run(self._twins())
        self.known: list[MessageId] = []
        self.claimed: list[tuple[Lease, Message]] = []

    async def _twins(self) -> Twins:
        return Twins(self.url, self.clock)

    def run(self, work: Any) -> Any:  # noqa: ANN401  # any coroutine
        return self.runner.run(work)

    def teardown(self) -> None:
        if hasattr(self, "twins"):
            self.run(self.twins.end())
            self.runner.close()

    # ------------------------------------------------------------------ commands

    @rule(due_in=st.lists(waits, min_size=1, max_size=5), repeats=st.booleans())
    def add(self, due_in: list[timedelta], repeats: bool) -> None:  # noqa: FBT001
        messages = [self._message(wait) for wait in due_in]
        if repeats and self.known:
            messages.append(self._message(timedelta(), self.known[-1]))
        self.run(self.twins.ask(lambda twin: twin.writer.add(messages)))
        self.known += [message.id for message in messages if message.id not in self.known]

    @rule(
        target=leases,
        owner=st.sampled_from(["one", "two"]),
        ttl_ms=st.sampled_from([10, 2_000]),
    )
    def acquire(self, owner: str, ttl_ms: int) -> Lease:
        lease: Lease = self.run(self.twins.ask(lambda twin: twin.locks.acquire(PARTITION, owner, ttl_ms * MS)))
        return lease

    @rule(lease=leases)
    def renew(self, lease: Lease) -> None:
        self.run(self.twins.ask(lambda twin: twin.locks.renew(lease)))

    @rule(lease=leases)
    def release(self, lease: Lease) -> None:
        self.run(self.twins.ask(lambda twin: twin.locks.release(lease)))

    @rule(lease=leases, role=st.sampled_from(Role))
    def acquire_role(self, lease: Lease, role: Role) -> None:
        self.run(self.twins.ask(lambda twin: twin.locks.acquire_role(lease, role)))

    @rule(lease=leases, role=st.sampled_from(Role))
    def resign_role(self, lease: Lease, role: Role) -> None:
        self.run(self.twins.ask(lambda twin: twin.locks.resign_role(lease, role)))

    @rule(lease=leases, limit=st.integers(0, 4))
    def claim(self, lease: Lease, limit: int) -> None:
        claimed = self.run(self.twins.ask(lambda twin: twin.claims.claim_due(lease, limit)))
        if not isinstance(claimed, str):
            self.claimed += [(lease, message) for message in claimed.messages]

    @rule(limit=st.integers(1, 4))
    def claim_and_lose_the_lease(self, limit: int) -> None:
        self.claim(self.acquire("lost", 10), limit)
        self.advance_time(10)
        self.claim(self.acquire("heir", 2_000), limit)

    @rule(
        picks=st.lists(picks, min_size=1, max_size=4),
        how=st.sampled_from(["delivered", "died", "retried", "back"]),
    )
    def settle(self, picks: list[int], how: str) -> None:
        if not self.claimed:
            return
        lease, _ = self.claimed[picks[0] % len(self.claimed)]
        chosen = [self.claimed[pick % len(self.claimed)][1] for pick in picks]
        settled = [self._after(message, how) for message in chosen]
        self.run(self.twins.ask(lambda twin: twin.claims.settle(lease, settled)))

    @rule(lease=leases, kept=st.integers(0, 2))
    def give_back_unacknowledged(self, lease: Lease, kept: int) -> None:
        held = [message.id for holder, message in self.claimed if holder == lease][:kept]
        self.run(self.twins.ask(lambda twin: twin.claims.give_back_unacknowledged(lease, held)))

    @rule(
        pick=picks,
        how=st.sampled_from(["cancelled", "replayed", "made due", "moved", "edited"]),
        due_in=waits,
    )
    def change(self, pick: int, how: str, due_in: timedelta) -> None:
        if not self.known:
            return
        message_id, now = self.known[pick % len(self.known)], self.clock.now()
        changes: dict[str, Callable[[Message], Message]] = {
            "cancelled": lambda message: message.cancelled(now),
            "replayed": lambda message: message.replayed(now),
            "made due": lambda message: message.made_due(now),
            "moved": lambda message: message.edited(Edit(at=now + due_in), now),
            "edited": lambda message: message.edited(Edit(labels=("a", str(pick % 2))), now),
        }
        self.run(self.twins.ask(lambda twin: twin.store.change(message_id, changes[how])))

    @rule(
        label=st.sampled_from([None, "a", "0", "rare"]),
        statuses=st.frozensets(st.sampled_from(Status), max_size=2),
        limit=st.integers(1, 4),
    )
    def find(self, label: str | None, statuses: frozenset[Status], limit: int) -> None:
        query = Query(label=label, statuses=statuses)
        self.run(self.twins.ask(lambda twin: _all_pages(twin.store, query, limit)))

    @rule(by_ms=st.sampled_from([1, 10, 10, 2_000]))
    def advance_time(self, by_ms: int) -> None:
        self.clock.advance(by_ms * MS)

    # ------------------------------------------------------------------ invariants

    @invariant()
    def both_have_the_same_messages(self) -> None:
        for message_id in self.known:
            self.run(self.twins.ask(lambda twin, wanted=message_id: twin.store.get(wanted)))
        self.run(self.twins.ask(lambda twin: twin.claims.partition_state(PARTITION)))

    # ------------------------------------------------------------------ arguments

    def _message(self, due_in: timedelta, message_id: MessageId | None = None) -> Message:
        now = self.clock.now()
        named = message_id or MessageId(self.ids.next(now)[:-1] + encode_partition(PARTITION))
        due_at = now + due_in
        labels = ("a", "rare") if due_in == MS else ()
        return Message(id=named, body=b"1", to="console", at=due_at, due_at=due_at, created_at=now, labels=labels)

    def _after(self, message: Message, how: str) -> Message:
        now = self.clock.now()
        assert message.status is Status.DELIVERING
        match how:
            case "delivered":
                return message.delivered(now, "204")
            case "died":
                return message.died(Failure(at=now, reason="no"))
            case "retried":
                return message.retried(Failure(at=now, reason="later"), now + 5 * MS)
            case _:
                return message.given_back()


def test_memory_and_redis_give_the_same_answers(redis_url: str) -> None:
    machine = type("Machine", (SameAsMemory,), {"url": redis_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
