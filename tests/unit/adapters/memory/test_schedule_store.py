from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contracts.schedule_store import ScheduleStoreContract

if TYPE_CHECKING:
    from tests.contracts.schedule_world import ScheduleWorld


class TestMemoryScheduleStore(ScheduleStoreContract):
    @pytest.fixture
    def world(self, schedules: ScheduleWorld) -> ScheduleWorld:
        return schedules
