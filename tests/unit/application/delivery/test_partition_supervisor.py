from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.adapters.memory.partition_registry import MemoryPartitionRegistry
from postdate.adapters.system.id_generator import encode_partition
from postdate.application.channels import Channels
from postdate.application.delivery.deliver_due_messages import DeliverDueMessages
from postdate.application.delivery.delivery_loop import DeliveryLoop
from postdate.application.delivery.loop_settings import LoopSettings
from postdate.application.delivery.partition_supervisor import PartitionSupervisor
from postdate.application.events.events import UnexpectedErrorCaught
from postdate.application.storage.known_partitions import KnownPartitions
from postdate.domain.errors import StoreUnavailableError
from postdate.domain.ids import MessageId
from postdate.domain.lease import Partition
from postdate.domain.messages.status import Status
from tests.faults import FaultInjector
from tests.unit.application.world import Desk, let_others_run, seconds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from postdate.domain.messages.message import Message
    from tests.unit.application.world import World

OWN, OTHERS = Partition(0), Partition(3)
CHECK_INTERVAL = seconds(1)


class Deliverer:
    """An instance that has one partition of its own, and its lines to the store and to the registry."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.registry = MemoryPartitionRegistry()
        self.line = FaultInjector(world.clock)
        self.events = MemoryEventRecorder()
        self.started: list[Partition] = []
        known = KnownPartitions(self.line.wrap(self.registry), [OWN])
        self.supervisor = PartitionSupervisor(known, self._loop_for, world.clock, self.events, CHECK_INTERVAL)

    def _loop_for(self, partition: Partition) -> DeliveryLoop:
        self.started.append(partition)
        world, settings = self._world, LoopSettings()
        channels = Channels({"desk": Desk("one", world)})
        deliver = DeliverDueMessages(world.claims, channels, world.clock, world.jitter, self.events)
        return DeliveryLoop(
            *(partition, "one", world.claims, world.locks, world.doorbell, deliver),
            *(world.clock, world.jitter, self.events, settings),
        )

    async def add_to(self, partition: Partition, due_in: float = 0) -> Message:
        message = self._world.message(seconds(due_in))
        message = replace(message, id=MessageId(message.id[:-1] + encode_partition(partition)))
        added = await self._world.writer.add([message])
        self._world.doorbell.ring(added.next_due_moved_up)
        await let_others_run()
        return message

    async def status_of(self, message: Message) -> Status:
        return (await self._world.get(message)).status


@pytest.fixture
def deliverer(world: World) -> Deliverer:
    return Deliverer(world)


@pytest.fixture
async def running(deliverer: Deliverer) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(deliverer.supervisor.run())
    await let_others_run()
    yield task
    deliverer.supervisor.stop()
    async with asyncio.timeout(5):
        await task


@pytest.mark.usefixtures("running")
async def test_a_supervisor_delivers_in_partitions_that_other_instances_registered(
    deliverer: Deliverer, world: World
) -> None:
    message = await deliverer.add_to(OTHERS)
    await deliverer.registry.register([OTHERS])
    await world.advance(CHECK_INTERVAL)
    assert await deliverer.status_of(message) is Status.DELIVERED
    assert deliverer.started == [OWN, OTHERS]


@pytest.mark.usefixtures("running")
async def test_a_partition_gets_one_loop_however_often_it_is_found(deliverer: Deliverer, world: World) -> None:
    await deliverer.registry.register([OWN, OTHERS])
    await world.advance(5 * CHECK_INTERVAL)
    assert deliverer.started == [OWN, OTHERS]
    assert deliverer.line.calls == ["known"] * 6


@pytest.fixture
def registry_is_away(deliverer: Deliverer) -> None:
    """Cuts the line to the registry before the supervisor runs."""
    deliverer.line.cut = True


@pytest.mark.usefixtures("registry_is_away", "running")
async def test_a_supervisor_delivers_in_its_own_partitions_while_the_registry_is_away(
    deliverer: Deliverer, world: World
) -> None:
    await deliverer.registry.register([OTHERS])
    mine, others = await deliverer.add_to(OWN, due_in=3), await deliverer.add_to(OTHERS)
    await world.advance(seconds(3))
    assert await deliverer.status_of(mine) is Status.DELIVERED
    assert await deliverer.status_of(others) is Status.SCHEDULED
    deliverer.line.cut = False
    await world.advance(CHECK_INTERVAL)
    assert await deliverer.status_of(others) is Status.DELIVERED
    assert deliverer.events.of(UnexpectedErrorCaught) == []


@pytest.mark.usefixtures("running")
async def test_an_unexpected_error_ends_no_delivery(deliverer: Deliverer, world: World) -> None:
    deliverer.line.faults["known"].append(ValueError("unexpected"))
    await deliverer.registry.register([OTHERS])
    message = await deliverer.add_to(OTHERS)
    await world.advance(2 * CHECK_INTERVAL)
    assert [str(event.error) for event in deliverer.events.of(UnexpectedErrorCaught)] == ["unexpected"]
    assert await deliverer.status_of(message) is Status.DELIVERED


async def test_a_stop_ends_the_supervisor_and_all_its_loops(
    deliverer: Deliverer, world: World, running: asyncio.Task[None]
) -> None:
    await deliverer.registry.register([OTHERS])
    await world.advance(CHECK_INTERVAL)
    deliverer.supervisor.stop()
    await let_others_run()
    assert running.done()


async def test_a_partition_that_is_found_during_a_stop_gets_no_loop(
    deliverer: Deliverer, world: World, running: asyncio.Task[None]
) -> None:
    await deliverer.registry.register([OTHERS])
    deliverer.line.meanwhile["known"] = deliverer.supervisor.stop
    await world.advance(CHECK_INTERVAL)
    assert running.done()
    assert deliverer.started == [OWN]


async def test_a_supervisor_that_is_stopped_before_it_runs_starts_no_loop(deliverer: Deliverer) -> None:
    deliverer.supervisor.stop()
    await deliverer.supervisor.run()
    assert deliverer.started == []


async def test_run_once_delivers_in_all_known_partitions(deliverer: Deliverer) -> None:
    await deliverer.registry.register([OTHERS])
    messages = [await deliverer.add_to(partition) for partition in (OTHERS, OWN)]
    await deliverer.supervisor.run_once()
    assert [await deliverer.status_of(message) for message in messages] == [Status.DELIVERED] * 2
    assert deliverer.started == [OWN, OTHERS]


async def test_run_once_raises_if_the_registry_is_away(deliverer: Deliverer) -> None:
    deliverer.line.cut = True
    with pytest.raises(StoreUnavailableError):
        await deliverer.supervisor.run_once()


async def test_run_once_after_a_stop_starts_no_loop(deliverer: Deliverer) -> None:
    await deliverer.registry.register([OTHERS])
    deliverer.supervisor.stop()
    await deliverer.supervisor.run_once()
    assert deliverer.started == []
