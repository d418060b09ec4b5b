from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.partitions import MemoryPartitions
from tests.unit.adapters.memory.worlds import schedules_in, world_in

if TYPE_CHECKING:
    from tests.contracts.schedule_world import ScheduleWorld
    from tests.contracts.world import StoreWorld


@pytest.fixture
def partitions() -> MemoryPartitions:
    return MemoryPartitions()


@pytest.fixture
def world(partitions: MemoryPartitions) -> StoreWorld:
    return world_in(partitions)


@pytest.fixture
def schedules(world: StoreWorld, partitions: MemoryPartitions) -> ScheduleWorld:
    return schedules_in(partitions, world)
