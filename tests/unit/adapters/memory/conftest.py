from __future__ import annotations

import pytest

from postdate.adapters.memory.clock import ManualClock
from postdate.adapters.memory.lease_lock import MemoryLeaseLock
from postdate.adapters.memory.message_store import MemoryMessageStore
from postdate.adapters.memory.partitions import MemoryPartitions
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.domain.retention import DEFAULT_RETENTION, Retention
from tests.contracts.world import StoreWorld


@pytest.fixture
def world() -> StoreWorld:
    clock, partitions, ids = ManualClock(), MemoryPartitions(), ShortIdGenerator(1)

    def keeping(retention: Retention) -> MemoryMessageStore:
        return MemoryMessageStore(partitions, ids, clock, retention)

    return StoreWorld(
        clock=clock,
        store=keeping(DEFAULT_RETENTION),
        locks=MemoryLeaseLock(partitions, clock),
        keeping=keeping,
    )
