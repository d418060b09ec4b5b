from __future__ import annotations

import pytest

from postdate.adapters.memory.partition_registry import MemoryPartitionRegistry
from tests.contracts.partition_registry import PartitionRegistryContract


@pytest.fixture
def registry() -> MemoryPartitionRegistry:
    return MemoryPartitionRegistry()


class TestMemoryPartitionRegistry(PartitionRegistryContract):
    pass
