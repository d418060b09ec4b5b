"""The HTTP API in this process, by default over a store in memory. Time stands still."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dependency_injector import providers
from httpx import ASGITransport, AsyncClient

from postdate.adapters.channels.console import ConsoleChannel
from postdate.adapters.memory.doorbell import MemoryDoorbell
from postdate.adapters.memory.event_feed import MemoryEventFeed
from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.adapters.memory.partition_registry import MemoryPartitionRegistry
from postdate.adapters.memory.partitions import MemoryPartitions
from postdate.application.channels import Channels
from postdate.domain.lease import Partition
from postdate.domain.messages.query import Query
from postdate.domain.retention import Retention
from postdate.entrypoints.container import Container
from postdate.entrypoints.http.use_cases import provide_use_cases
from postdate.entrypoints.http_service import http_app
from postdate.entrypoints.settings import Settings
from tests.faults import FaultInjector
from tests.unit.adapters.memory.worlds import schedules_in, world_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from httpx import Response
    from litestar import Litestar

    from postdate.adapters.memory.clock import ManualClock
    from postdate.application.ports.event_feed import EventFeed
    from postdate.domain.lease import Lease
    from postdate.domain.messages.message import Message
    from tests.contracts.schedule_world import ScheduleWorld
    from tests.contracts.world import StoreWorld

PARTITION = Partition(0)
TTL = timedelta(seconds=2)
PAGE = 1_000
SETTINGS = Settings(redis_url="redis://nowhere", max_body_bytes=1000, max_request_bytes=10_000)


class PrintedLines:
    """A delivery log that collects its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def log(self, message: str) -> None:
        self.lines.append(message)

    def error(self, message: str) -> None:
        raise AssertionError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A client of the API, and the parts behind the API."""

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
        """Posts content, which may be sent in chunks, with headers, which may be repeated."""
        return await self.client.post(path, content=content, headers=list(headers))

    async def stored(self) -> list[Message]:
        """Returns all messages of the store in the order of acceptance."""
        page = await self.world.store.find(PARTITION, Query(), None, PAGE)
        messages = list(page.messages)
        while page.next is not None:
            page = await self.world.store.find(PARTITION, Query(), page.next, PAGE)
            messages += page.messages
        return sorted(messages, key=lambda message: message.id)

    async def claim(self) -> list[Message]:
        """Claims the due messages as a delivering instance does."""
        lease = await self.world.locks.acquire(PARTITION, "somebody", TTL)
        self.leases.append(lease)
        return list((await self.world.claims.claim_due(lease, 100)).messages)

    async def settle(self, *messages: Message) -> None:
        """Says what became of what was claimed last."""
        assert not await self.world.claims.settle(self.leases[-1], messages)

    async def deliver(self) -> None:
        """Delivers the due messages."""
        await self.settle(*(message.delivered(self.clock.now()) for message in await self.claim()))

    async def forget(self) -> None:
        """Has the store keep nothing of what has ended."""
        keeping_nothing = self.world.with_retention(Retention(age=timedelta(0), count=0))
        last = self.world.message()
        await keeping_nothing.writer.add([last])
        await keeping_nothing.store.change(last.id, lambda message: message.cancelled(self.clock.now()))


@asynccontextmanager
async def serving(
    backing: ScheduleWorld | None = None, feed: EventFeed | None = None, *, settings: Settings = SETTINGS
) -> AsyncIterator[Service]:
    """Serves for the length of the context."""
    backing = _in_memory() if backing is None else backing
    world = backing.messages
    faults, events = FaultInjector(), MemoryEventRecorder()
    container = _container(backing, faults, events, settings)
    container.feed.override(providers.Object(MemoryEventFeed(world.clock) if feed is None else feed))
    app = _app(container)
    transport = ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]  # the same, more precisely
    async with AsyncClient(transport=transport, base_url="http://service") as client:
        yield Service(client=client, app=app, clock=world.clock, store=faults, world=world, events=events)


def _in_memory() -> ScheduleWorld:
    partitions = MemoryPartitions()
    return schedules_in(partitions, world_in(partitions))


def _container(
    backing: ScheduleWorld, faults: FaultInjector, events: MemoryEventRecorder, settings: Settings
) -> Container:
    """Returns a container with the stores of a test. Its other adapters are in memory: it connects to nothing."""
    container, world = Container(settings=settings), backing.messages
    overrides: Mapping[providers.Provider[Any], object] = {
        container.clock: world.clock,
        container.ids: world.ids,
        container.message_store: faults.wrap(world.store),
        container.message_writer: faults.wrap(world.writer),
        container.claim_store: faults.wrap(world.claims),
        container.schedule_store: backing.over(faults),
        container.registry: MemoryPartitionRegistry(),
        container.doorbell: MemoryDoorbell(),
        container.locks: world.locks,
        container.events: events,
        container.channels: Channels({"console": ConsoleChannel(PrintedLines())}),
    }
    for provider, adapter in overrides.items():
        provider.override(providers.Object(adapter))
    return container


_apps: dict[Settings, Litestar] = {}


def _app(container: Container) -> Litestar:
    """Returns an application over a container. Equal settings share one, because making one takes 25 ms."""
    settings = container.settings()
    app = _apps.get(settings)
    if app is None or settings.rate_limit is not None:
        app = _apps[settings] = http_app(container)
        return app
    provide_use_cases(app, container.use_cases(), container.http_options())
    return app
