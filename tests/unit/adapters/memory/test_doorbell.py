from __future__ import annotations

import pytest

from postdate.adapters.memory.doorbell import MemoryDoorbell
from tests.contracts.doorbell import DoorbellContract


@pytest.fixture
def doorbell() -> MemoryDoorbell:
    return MemoryDoorbell()


class TestMemoryDoorbell(DoorbellContract):
    pass
