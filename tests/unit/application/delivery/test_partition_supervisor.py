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
from postdate.application.delivery.delivery_loop import DeliveryLoop, LoopSettings
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
LOOK_EVERY = seconds(1)


class Deliverer:
    """An instance that was set up with one partition, and its lines to the store and to the registry."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.registry = MemoryPartitionRegistry()
        self.line = FaultInjector(world.clock)
        self.events = MemoryEventRecorder()
        self.begun: list[Partition] = []
        known = KnownPartitions(self.line.wrap(self.registry), [OWN])
        self.delivery = PartitionSupervisor(known, self._loop_of, world.clock, self.events, LOOK_EVERY)

    def _loop_of(self, partition: Partition) -> DeliveryLoop:
        self.begun.append(partition)
        world, pace = self._world, LoopSettings()
        channels = Channels({"desk": Desk("one", world)})
        deliver = DeliverDueMessages(world.claims, channels, world.clock, world.jitter, self.events)
        return DeliveryLoop(
            *(partition, "one", world.claims, world.locks, world.doorbell, deliver),
            *(world.clock, world.jitter, self.events, pace),
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
    task = asyncio.create_task(deliverer.delivery.run())
    await let_others_run()
    yield task
    deliverer.delivery.stop()
    async with asyncio.timeout(5):
        await task


@pytest.mark.usefixtures("running")
async def test_it_delivers_in_partitions_that_others_registered_before(deliverer: Deliverer, world: World) -> None:
    message = await deliverer.add_to(OTHERS)
    await deliverer.registry.register([OTHERS])
    await world.advance(LOOK_EVERY)
    assert await deliverer.status_of(message) is Status.DELIVERED
    assert deliverer.begun == [OWN, OTHERS]


@pytest.mark.usefixtures("running")
async def test_a_partition_gets_one_loop_however_often_it_is_seen(deliverer: Deliverer, world: World) -> None:
    await deliverer.registry.register([OWN, OTHERS])
    await world.advance(5 * LOOK_EVERY)
    assert deliverer.begun == [OWN, OTHERS]
    assert deliverer.line.calls == ["known"] * 6


@pytest.fixture
def away(deliverer: Deliverer) -> None:
    """The registry, before anything runs."""
    deliverer.line.cut = True


@pytest.mark.usefixtures("away", "running")
async def test_it_delivers_in_its_own_partitions_while_the_registry_is_away(
    deliverer: Deliverer, world: World
) -> None:
    await deliverer.registry.register([OTHERS])
    mine, others = await deliverer.add_to(OWN, due_in=3), await deliverer.add_to(OTHERS)
    await world.advance(seconds(3))
    assert await deliverer.status_of(mine) is Status.DELIVERED
    assert await deliverer.status_of(others) is Status.SCHEDULED
    deliverer.line.cut = False
    await world.advance(LOOK_EVERY)
    assert await deliverer.status_of(others) is Status.DELIVERED
    assert deliverer.events.of(UnexpectedErrorCaught) == []


@pytest.mark.usefixtures("running")
async def test_a_fault_that_nobody_foresaw_ends_no_delivery(deliverer: Deliverer, world: World) -> None:
    deliverer.line.faults["known"].append(ValueError("unforeseen"))
    await deliverer.registry.register([OTHERS])
    message = await deliverer.add_to(OTHERS)
    await world.advance(2 * LOOK_EVERY)
    assert [str(event.error) for event in deliverer.events.of(UnexpectedErrorCaught)] == ["unforeseen"]
    assert await deliverer.status_of(message) is Status.DELIVERED


async def test_asked_to_stop_it_ends_with_all_its_loops(
    deliverer: Deliverer, world: World, running: asyncio.Task[None]
) -> None:
    await deliverer.registry.register([OTHERS])
    await world.advance(LOOK_EVERY)
    deliverer.delivery.stop()
    await let_others_run()
    assert running.done()


async def test_a_partition_that_is_found_while_it_stops_is_left_alone(
    deliverer: Deliverer, world: World, running: asyncio.Task[None]
) -> None:
    await deliverer.registry.register([OTHERS])
    deliverer.line.meanwhile["known"] = deliverer.delivery.stop
    await world.advance(LOOK_EVERY)
    assert running.done()
    assert deliverer.begun == [OWN]


async def test_stopped_before_it_runs_it_does_nothing(deliverer: Deliverer) -> None:
    deliverer.delivery.stop()
    await deliverer.delivery.run()
    assert deliverer.begun == []


async def test_a_single_pass_delivers_in_all_partitions_that_are_known(deliverer: Deliverer) -> None:
    await deliverer.registry.register([OTHERS])
    messages = [await deliverer.add_to(partition) for partition in (OTHERS, OWN)]
    await deliverer.delivery.run_once()
    assert [await deliverer.status_of(message) for message in messages] == [Status.DELIVERED] * 2
    assert deliverer.begun == [OWN, OTHERS]


async def test_a_single_pass_that_does_not_know_the_partitions_says_so(deliverer: Deliverer) -> None:
    deliverer.line.cut = True
    with pytest.raises(StoreUnavailableError):
        await deliverer.delivery.run_once()


async def test_a_single_pass_can_be_cut_short(deliverer: Deliverer) -> None:
    await deliverer.registry.register([OTHERS])
    deliverer.delivery.stop()
    await deliverer.delivery.run_once()
    assert deliverer.begun == []
