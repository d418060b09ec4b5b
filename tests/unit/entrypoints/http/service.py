"""The HTTP API over the memory adapters: a whole service in this process, whose time stands still."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from httpx import ASGITransport, AsyncClient
from litestar.testing import AsyncTestClient

from postdate.adapters.channels.console import ConsoleChannel
from postdate.adapters.cron.cron_reader import CronsimReader
from postdate.adapters.memory.clock import ManualClock
from postdate.adapters.memory.doorbell import MemoryDoorbell
from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.adapters.memory.lease_lock import MemoryLeaseLock
from postdate.adapters.memory.message_store import MemoryMessageStore
from postdate.adapters.memory.partition_registry import MemoryPartitionRegistry
from postdate.adapters.memory.partitions import MemoryPartitions
from postdate.adapters.memory.schedule_store import MemoryScheduleStore
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.application.cancel_message import CancelMessage
from postdate.application.changes import Changes
from postdate.application.channels import Channels
from postdate.application.check_readiness import CheckReadiness
from postdate.application.edit_message import EditMessage
from postdate.application.find_message import FindMessage
from postdate.application.hasten_message import HastenMessage
from postdate.application.known_partitions import KnownPartitions
from postdate.application.replay_message import ReplayMessage
from postdate.application.schedule_message import ScheduleMessage
from postdate.application.schedule_messages import ScheduleMessages
from postdate.application.schedules import Schedules, schedules_over
from postdate.application.store_layer import StoreLayer
from postdate.domain.lease import Partition
from postdate.entrypoints.http.app import create_app
from postdate.entrypoints.http.documents import Limits
from postdate.entrypoints.rate_limit import RateLimiter
from tests.contracts.schedule_layer import ScheduleStoreOver
from tests.unit.entrypoints.http.over_many import overview_over

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from httpx import Response
    from litestar import Litestar

    from postdate.application.ports.message_store import MessageStore
    from postdate.domain.message import Message
    from postdate.entrypoints.api_keys import ApiKey
    from postdate.entrypoints.http.overview import Overview
    from postdate.entrypoints.rate_limit import RateLimit

T = TypeVar("T")
PARTITION = Partition(0)
UTC_ZONE = ZoneInfo("UTC")
LIMITS = Limits(max_body_bytes=1000, max_request_bytes=10_000)
OBJECTIVE = timedelta(seconds=10)


class TroubledStore(StoreLayer):
    """Passes everything on to a store, unless it is in trouble: then each method raises that."""

    def __init__(self, store: MessageStore) -> None:
        super().__init__(store)
        self.trouble: Exception | None = None

    async def _pass(self, name: str, call: Callable[[], Awaitable[T]]) -> T:
        return await self.through(name, lambda: super(TroubledStore, self)._pass(name, call))

    async def through(self, _: str, call: Callable[[], Awaitable[T]], /) -> T:
        """Makes the call, unless there is trouble; what else the store keeps comes this way too."""
        if self.trouble is not None:
            raise self.trouble
        return await call()


class PrintedLines:
    """A delivery log that keeps what it is given."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def log(self, message: str) -> None:
        self.lines.append(message)

    def error(self, message: str) -> None:
        raise AssertionError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The API's client, and what lies behind the API."""

    client: AsyncTestClient[Any]
    clock: ManualClock
    store: TroubledStore
    locks: MemoryLeaseLock
    partitions: MemoryPartitions
    events: MemoryEventRecorder

    partition: Partition = PARTITION

    async def echo(self, document: object, **headers: str) -> Response:
        return await self.client.post("/echoAtTime", json=document, headers=headers)

    async def schedule(self, document: object, **headers: str) -> Response:
        return await self.client.post("/v1/messages", json=document, headers=headers)

    async def post(self, path: str, content: bytes, content_type: str = "application/json") -> Response:
        return await self.client.post(path, content=content, headers={"content-type": content_type})

    async def raw(
        self, path: str, content: bytes | AsyncIterator[bytes], headers: Sequence[tuple[str, str]]
    ) -> Response:
        """Posts content that may come in pieces, with headers that may come twice."""
        transport = ASGITransport(self.client.app)
        async with AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.post(path, content=content, headers=list(headers))

    @property
    def messages(self) -> list[Message]:
        """What the store has, in the order of acceptance."""
        contents = self.partitions[PARTITION].messages
        return [contents[message_id] for message_id in sorted(contents)]

    async def claim(self) -> list[Message]:
        """Takes what is due, as an instance does that delivers."""
        lease = await self.locks.acquire(PARTITION, "somebody", timedelta(seconds=2))
        return list((await self.store.claim_due(lease, 100)).messages)

    async def deliver(self) -> None:
        """Delivers what is due."""
        lease = await self.locks.acquire(PARTITION, "somebody", timedelta(seconds=2))
        claimed = await self.store.claim_due(lease, 100)
        await self.store.settle(lease, [message.delivered(claimed.now) for message in claimed.messages])


@asynccontextmanager
async def serving(
    *,
    api_keys: tuple[ApiKey, ...] = (),
    zone: tzinfo = UTC_ZONE,
    limits: Limits = LIMITS,
    rate: RateLimit | None = None,
) -> AsyncIterator[Service]:
    """Serves for the length of the context."""
    clock, partitions, ids = ManualClock(), MemoryPartitions(), ShortIdGenerator(1)
    store = TroubledStore(MemoryMessageStore(partitions, ids, clock))
    known = KnownPartitions(MemoryPartitionRegistry(), [PARTITION])
    events = MemoryEventRecorder()
    channels = Channels({"console": ConsoleChannel(PrintedLines())})
    doorbell = MemoryDoorbell()
    changes = Changes(store, ids, doorbell, clock, events)
    schedule = ScheduleMessage(store, ids, channels, doorbell, clock, events)
    use_cases = UseCases(
        schedule=schedule,
        schedule_many=ScheduleMessages(schedule, store, ids, channels, doorbell, clock, events),
        find=FindMessage(store, ids),
        cancel=CancelMessage(changes),
        edit=EditMessage(changes, channels),
        hasten=HastenMessage(changes),
        replay=ReplayMessage(changes),
        check=CheckReadiness(store, known, OBJECTIVE),
        overview=overview_over(store, ids, doorbell, clock, events, zone),
        schedules=schedules_over(
            store=ScheduleStoreOver(MemoryScheduleStore(partitions, ids, clock), store),
            cron=CronsimReader(),
            ids=ids,
            channels=channels,
            doorbell=doorbell,
            clock=clock,
            events=events,
            partitions=known,
            prepare=_nothing,
        ),
    )
    app, serve = _app(api_keys, zone, limits, RateLimiter(rate, clock.monotonic) if rate else None)
    serve(use_cases)
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        yield Service(
            client=client,
            clock=clock,
            store=store,
            locks=MemoryLeaseLock(partitions, clock),
            partitions=partitions,
            events=events,
        )


async def _nothing() -> None:
    """Needs no preparation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    schedule: ScheduleMessage
    schedule_many: ScheduleMessages
    find: FindMessage
    cancel: CancelMessage
    edit: EditMessage
    hasten: HastenMessage
    replay: ReplayMessage
    check: CheckReadiness
    overview: Overview
    schedules: Schedules


@cache
def _app(
    api_keys: tuple[ApiKey, ...], zone: tzinfo, limits: Limits, limiter: RateLimiter | None
) -> tuple[Litestar, Callable[[UseCases], None]]:
    """Returns an application, and what gives it the use cases of a test: to make an application takes 25 ms."""
    given: list[UseCases] = []
    app = create_app(
        schedule=lambda: given[-1].schedule,
        schedule_many=lambda: given[-1].schedule_many,
        find=lambda: given[-1].find,
        cancel=lambda: given[-1].cancel,
        edit=lambda: given[-1].edit,
        hasten=lambda: given[-1].hasten,
        replay=lambda: given[-1].replay,
        check=lambda: given[-1].check,
        overview=lambda: given[-1].overview,
        schedules=lambda: given[-1].schedules,
        zone=zone,
        limits=limits,
        api_keys=api_keys,
        limiter=limiter,
    )
    return app, given.append
