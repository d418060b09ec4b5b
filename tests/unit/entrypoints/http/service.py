"""The HTTP API over a store, in memory unless told otherwise: in this process, and time stands still."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from httpx import ASGITransport, AsyncClient

from postdate.adapters.channels.console import ConsoleChannel
from postdate.adapters.cron.cron_reader import CronsimReader
from postdate.adapters.memory.doorbell import MemoryDoorbell
from postdate.adapters.memory.event_feed import MemoryEventFeed
from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.adapters.memory.partition_registry import MemoryPartitionRegistry
from postdate.adapters.memory.partitions import MemoryPartitions
from postdate.application.channels import Channels
from postdate.application.messages.cancel_message import CancelMessage
from postdate.application.messages.deliver_message_now import DeliverMessageNow
from postdate.application.messages.edit_message import EditMessage
from postdate.application.messages.find_message import FindMessage
from postdate.application.messages.replay_message import ReplayMessage
from postdate.application.messages.schedule_message import ScheduleMessage
from postdate.application.messages.schedule_messages import ScheduleMessages
from postdate.application.messages.update_message import MessageUpdater
from postdate.application.operations.check_readiness import CheckReadiness
from postdate.application.schedules.use_cases import Schedules, schedules_over
from postdate.application.storage.known_partitions import KnownPartitions
from postdate.domain.lease import Partition
from postdate.domain.messages.query import Query
from postdate.domain.retention import Retention
from postdate.entrypoints.http.app import create_app
from postdate.entrypoints.http.messages.message_documents import Limits
from postdate.entrypoints.rate_limit import RateLimiter
from tests.faults import FaultInjector
from tests.unit.adapters.memory.worlds import schedules_in, world_in
from tests.unit.entrypoints.http.messages.over_many import overview_over

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from httpx import Response
    from litestar import Litestar

    from postdate.adapters.memory.clock import ManualClock
    from postdate.application.ports.event_feed import EventFeed
    from postdate.domain.lease import Lease
    from postdate.domain.messages.message import Message
    from postdate.entrypoints.api_keys import ApiKey
    from postdate.entrypoints.http.overview import Overview
    from postdate.entrypoints.rate_limit import RateLimit
    from tests.contracts.schedule_store import ScheduleWorld
    from tests.contracts.world import StoreWorld

PARTITION = Partition(0)
TTL = timedelta(seconds=2)
PAGE = 1_000
UTC_ZONE = ZoneInfo("UTC")
LIMITS = Limits(max_body_bytes=1000, max_request_bytes=10_000)
OBJECTIVE = timedelta(seconds=10)


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
    """The API's client, and the parts behind the API.

    Attributes:
        store: What the calls of the API to its stores go through.
        world: The stores themselves.
    """

    client: AsyncClient
    app: Litestar
    clock: ManualClock
    store: FaultInjector
    world: StoreWorld
    events: MemoryEventRecorder
    leases: list[Lease] = field(default_factory=list)

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
        return await self.client.post(path, content=content, headers=list(headers))

    async def stored(self) -> list[Message]:
        """Returns what the store has, in the order of acceptance."""
        page = await self.world.store.find(PARTITION, Query(), None, PAGE)
        messages = list(page.messages)
        while page.next is not None:
            page = await self.world.store.find(PARTITION, Query(), page.next, PAGE)
            messages += page.messages
        return sorted(messages, key=lambda message: message.id)

    async def claim(self) -> list[Message]:
        """Takes what is due, as an instance does that delivers."""
        lease = await self.world.locks.acquire(PARTITION, "somebody", TTL)
        self.leases.append(lease)
        return list((await self.world.claims.claim_due(lease, 100)).messages)

    async def settle(self, *messages: Message) -> None:
        """Says what became of what was claimed last."""
        assert not await self.world.claims.settle(self.leases[-1], messages)

    async def deliver(self) -> None:
        """Delivers what is due."""
        await self.settle(*(message.delivered(self.clock.now()) for message in await self.claim()))

    async def forget(self) -> None:
        """Has the store keep nothing of what has ended."""
        keeping_nothing = self.world.with_retention(Retention(age=timedelta(0), count=0))
        last = self.world.message()
        await keeping_nothing.writer.add([last])
        await keeping_nothing.store.change(last.id, lambda message: message.cancelled(self.clock.now()))


@asynccontextmanager
async def serving(  # noqa: PLR0913  # all that a test may want otherwise
    backing: ScheduleWorld | None = None,
    feed: EventFeed | None = None,
    *,
    api_keys: tuple[ApiKey, ...] = (),
    zone: tzinfo = UTC_ZONE,
    limits: Limits = LIMITS,
    rate: RateLimit | None = None,
) -> AsyncIterator[Service]:
    """Serves for the length of the context."""
    backing = _in_memory() if backing is None else backing
    world = backing.messages
    clock, ids = world.clock, world.ids
    feed = MemoryEventFeed(clock) if feed is None else feed
    faults = FaultInjector()
    store, writer = faults.wrap(world.store), faults.wrap(world.writer)
    known = KnownPartitions(MemoryPartitionRegistry(), [PARTITION])
    events = MemoryEventRecorder()
    channels = Channels({"console": ConsoleChannel(PrintedLines())})
    doorbell = MemoryDoorbell()
    changes = MessageUpdater(store, ids, doorbell, clock, events)
    schedule = ScheduleMessage(writer, ids, channels, doorbell, clock, events)
    use_cases = UseCases(
        schedule=schedule,
        schedule_many=ScheduleMessages(schedule, store, writer, ids, channels, doorbell, clock, events),
        find=FindMessage(store, ids),
        cancel=CancelMessage(changes),
        edit=EditMessage(changes, channels),
        hasten=DeliverMessageNow(changes),
        replay=ReplayMessage(changes),
        check=CheckReadiness(faults.wrap(world.claims), known, OBJECTIVE),
        overview=overview_over(store, changes, clock, feed, zone),
        schedules=schedules_over(
            store=faults.wrap(backing.schedules),
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
    transport = ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]  # the same, more precisely
    async with AsyncClient(transport=transport, base_url="http://service") as client:
        yield Service(client=client, app=app, clock=clock, store=faults, world=world, events=events)


def _in_memory() -> ScheduleWorld:
    partitions = MemoryPartitions()
    return schedules_in(partitions, world_in(partitions))


async def _nothing() -> None:
    """Needs no preparation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    schedule: ScheduleMessage
    schedule_many: ScheduleMessages
    find: FindMessage
    cancel: CancelMessage
    edit: EditMessage
    hasten: DeliverMessageNow
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
