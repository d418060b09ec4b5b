"""A small world for the use cases: a store in memory, a clock that tests advance, and instances."""

from __future__ import annotations

import asyncio
import math
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.claim_store import MemoryClaimStore
from postdate.adapters.memory.clock import ManualClock
from postdate.adapters.memory.doorbell import MemoryDoorbell
from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.adapters.memory.lease_lock import MemoryLeaseLock
from postdate.adapters.memory.message_store import MemoryMessageStore
from postdate.adapters.memory.message_writer import MemoryMessageWriter
from postdate.adapters.memory.partitions import MemoryPartitions
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.application.channels import Channels
from postdate.application.delivery.deliver_due_messages import DeliverDueMessages
from postdate.application.delivery.delivery_loop import DeliveryLoop
from postdate.application.delivery.loop_settings import LoopSettings
from postdate.application.messages.update_message import MessageUpdater
from postdate.domain.lease import Partition, Role
from postdate.domain.messages.message import Message
from postdate.domain.messages.outcome import Delivered, NotStarted, Outcome
from postdate.domain.messages.retry import DEFAULT_RETRY, RetryPolicy
from tests.faults import FaultInjector

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Mapping
    from datetime import datetime

    from postdate.application.ports.delivery_channel import Batch, DeliveryChannel
    from postdate.domain.ids import MessageId

PARTITION = Partition(0)
MAX_TURNS = 10_000
"""Turns of the event loop after which a test fails, because some task never waits for the clock."""
MAX_WAKES = 20_000


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def ms(count: int) -> timedelta:
    return timedelta(milliseconds=count)


async def let_others_run() -> None:
    """Returns once no other callback of the event loop is ready: everything else waits for the clock."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # noqa: SLF001  # it has no public name
    for _ in range(MAX_TURNS):
        if not ready:
            return
        await asyncio.sleep(0)
    pytest.fail(f"something still runs after {MAX_TURNS} turns of the event loop")


@dataclass
class FixedJitter:
    drawn: float = 0.5

    def fraction(self) -> float:
        return self.drawn


@dataclass(frozen=True)
class Begun:
    """A delivery that was begun."""

    by: str
    message: Message
    at: datetime


class Desk:
    """A channel that records its deliveries. Each ends at once, or after the duration set for its message."""

    def __init__(self, name: str, world: World) -> None:
        self._name = name
        self._world = world
        self.answers: list[Outcome] = []
        """The outcomes of the next deliveries. All later deliveries succeed."""

    async def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        quick = [message for message in batch.messages if message.id not in self._world.durations]
        slow = [message for message in batch.messages if message.id in self._world.durations]
        if quick:
            yield {message.id: await self._deliver(message, batch) for message in quick}
        for message in slow:
            yield {message.id: await self._deliver(message, batch)}

    async def _deliver(self, message: Message, batch: Batch) -> Outcome:
        if not batch.may_start():
            return NotStarted()
        with self._world.diary.delivering(Begun(self._name, message, self._world.clock.now())):
            takes = self._world.durations.get(message.id, timedelta(0))
            await self._world.clock.sleep_until(self._world.clock.monotonic() + takes.total_seconds())
        return self.answers.pop(0) if self.answers else Delivered()


class Diary:
    """The deliveries that were started, and the violations among them: early or concurrent deliveries."""

    def __init__(self) -> None:
        self.begun: list[Begun] = []
        self.violations: list[str] = []
        self._under_way: list[MessageId] = []

    @contextmanager
    def delivering(self, delivery: Begun) -> Iterator[None]:
        message = delivery.message
        if delivery.at < message.due_at:
            self.violations.append(f"{message.id} is early by {message.due_at - delivery.at}")
        if message.id in self._under_way:
            self.violations.append(f"{message.id} is delivered by {delivery.by} while another does")
        self.begun.append(delivery)
        self._under_way.append(message.id)
        try:
            yield
        finally:
            self._under_way.remove(message.id)

    def of(self, message: Message) -> list[Begun]:
        return [delivery for delivery in self.begun if delivery.message.id == message.id]


class Instance:
    """One instance of the service, with its own connection to the store."""

    def __init__(self, name: str, world: World, settings: LoopSettings) -> None:
        self.name = name
        self.line = FaultInjector(world.clock)
        self.desk = Desk(name, world)
        self.events = MemoryEventRecorder()
        claims = self.line.wrap(world.claims)
        channels: dict[str, DeliveryChannel] = {"desk": self.desk}
        deliver = DeliverDueMessages(claims, Channels(channels), world.clock, world.jitter, self.events)
        self.loop = DeliveryLoop(
            PARTITION,
            name,
            claims,
            self.line.wrap(world.locks),
            world.doorbell,
            deliver,
            world.clock,
            world.jitter,
            self.events,
            settings,
        )
        self._task: asyncio.Task[None] | None = None

    @property
    def task(self) -> asyncio.Task[None]:
        """The task that runs the loop. The first access starts it."""
        if self._task is None:
            self._task = asyncio.create_task(self.loop.run())
        return self._task

    @property
    def ended(self) -> bool:
        return self._task is None or self._task.done()

    async def kill(self) -> None:
        """Ends it as SIGKILL does: none of its later calls reaches the store."""
        self.line.cut = True
        await self.cancel()

    async def cancel(self) -> None:
        self.task.cancel()
        await asyncio.wait((self.task,))


class World:
    """The store, the clock and the instances of a test."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.jitter = FixedJitter()
        self.ids = ShortIdGenerator(partitions=1, draw=lambda _: 0)
        self.doorbell = MemoryDoorbell()
        self.partitions = MemoryPartitions()
        self.store = MemoryMessageStore(self.partitions, self.ids, self.clock)
        self.writer = MemoryMessageWriter(self.partitions, self.ids, self.clock)
        self.claims = MemoryClaimStore(self.partitions, self.clock)
        self.events = MemoryEventRecorder()
        self.changes = MessageUpdater(self.store, self.ids, self.doorbell, self.clock, self.events)
        self.locks = MemoryLeaseLock(self.partitions, self.clock)
        self.durations: dict[MessageId, timedelta] = {}
        self.diary = Diary()
        self._instances: list[Instance] = []

    def message(
        self, due_in: timedelta, *, to: str = "desk", retry: RetryPolicy = DEFAULT_RETRY, attempts: int = 0
    ) -> Message:
        now = self.clock.now()
        return Message(
            id=self.ids.next(now),
            body=b'"hello"',
            to=to,
            at=now + due_in,
            due_at=now + due_in,
            created_at=now,
            retry=retry,
            attempts=attempts,
        )

    async def add(self, due_in: timedelta, *, takes: timedelta | None = None) -> Message:
        """Stores a message as the use case does: the doorbell rings if the next due time became earlier."""
        message = self.message(due_in)
        if takes is not None:
            self.durations[message.id] = takes
        added = await self.writer.add([message])
        self.doorbell.ring(added.next_due_moved_up)
        await let_others_run()
        return message

    async def get(self, message: Message) -> Message:
        stored = await self.store.get(message.id)
        assert stored is not None
        return stored

    async def start(self, name: str, settings: LoopSettings | None = None) -> Instance:
        """Starts an instance, which acquires a free role."""
        instance = self.instance(name, settings)
        _ = instance.task
        await let_others_run()
        return instance

    def instance(self, name: str, settings: LoopSettings | None = None) -> Instance:
        instance = Instance(name, self, settings or LoopSettings())
        self._instances.append(instance)
        return instance

    async def roles(self) -> dict[Role, datetime]:
        return dict((await self.claims.partition_state(PARTITION)).roles)

    async def advance(self, by: timedelta) -> None:
        """Advances the clock from one wake-up time to the next, so that each sleeper wakes at its own time."""
        await let_others_run()
        end = self.clock.now() + by
        for _ in range(MAX_WAKES):
            wake = self.clock.next_wake
            step = end - self.clock.now()
            if wake is not None:
                # Rounded up: a wake-up time that is missed by a fraction would never be reached.
                step = min(step, timedelta(microseconds=math.ceil((wake - self.clock.monotonic()) * 1e6 - 1e-3)))
            self.clock.advance(step)
            await let_others_run()
            if self.clock.now() >= end and (self.clock.next_wake or math.inf) > self.clock.monotonic():
                return
        pytest.fail(f"sleepers woke {MAX_WAKES} times within {by}")

    async def end(self) -> None:
        """Ends all instances, and asserts that there were no violations."""
        for instance in self._instances:
            if not instance.ended:
                await instance.cancel()
        assert self.diary.violations == []
