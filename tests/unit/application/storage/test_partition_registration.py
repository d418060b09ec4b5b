from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.partition_registry import MemoryPartitionRegistry
from postdate.application.ports.message_writer import KeyedMessage
from postdate.application.storage.group_commit import GroupCommit
from postdate.application.storage.partition_registration import PartitionRegistration
from postdate.domain.errors import StoreUnavailableError
from postdate.domain.lease import Partition
from postdate.domain.messages.request_key import RequestKey
from tests.faults import FaultInjector
from tests.unit.application.world import PARTITION, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World

OTHER = Partition(1)


@pytest.fixture
def line(world: World) -> FaultInjector:
    return FaultInjector(world.clock)


@pytest.fixture
def registry() -> MemoryPartitionRegistry:
    return MemoryPartitionRegistry()


@pytest.fixture
def registration(world: World, registry: MemoryPartitionRegistry, line: FaultInjector) -> PartitionRegistration:
    return PartitionRegistration(world.writer, line.wrap(registry), [PARTITION, OTHER])


async def test_partitions_are_registered_before_a_message_is_stored(
    world: World, registry: MemoryPartitionRegistry, registration: PartitionRegistration
) -> None:
    message = world.message(seconds(1))
    assert (await registration.add([message])).next_due_moved_up == {PARTITION}
    assert await registry.known() == {PARTITION, OTHER}
    assert await world.get(message) == message


async def test_partitions_are_registered_before_a_message_with_a_key_is_stored(
    world: World, registry: MemoryPartitionRegistry, registration: PartitionRegistration
) -> None:
    message = world.message(seconds(1))
    await registration.add_keyed([KeyedMessage(message=message, key=RequestKey(key="k", fingerprint=b"f"))])
    assert await registry.known() == {PARTITION, OTHER}
    assert await world.get(message) == message


async def test_partitions_are_registered_once(
    world: World, registration: PartitionRegistration, line: FaultInjector
) -> None:
    await registration.register()
    for _ in range(3):
        await registration.add([world.message(seconds(1))])
    assert line.calls == ["register"]


async def test_no_message_is_stored_if_the_partitions_cannot_be_registered(
    world: World, registration: PartitionRegistration, line: FaultInjector
) -> None:
    message = world.message(seconds(1))
    line.cut = True
    with pytest.raises(StoreUnavailableError):
        await registration.register()
    with pytest.raises(StoreUnavailableError):
        await registration.add([message])
    assert await world.store.get(message.id) is None
    line.cut = False
    await registration.add([message])
    assert await world.get(message) == message
    assert line.calls == ["register"] * 3


async def test_partitions_are_registered_before_a_group_commit(
    world: World, registry: MemoryPartitionRegistry, registration: PartitionRegistration
) -> None:
    commit = GroupCommit(registration)
    await commit.add([world.message(seconds(1))])
    assert await registry.known() == {PARTITION, OTHER}
