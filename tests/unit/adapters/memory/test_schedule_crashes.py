from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contracts.schedule_crashes import ScheduleCrashContract

if TYPE_CHECKING:
    from tests.contracts.schedule_world import ScheduleWorld


class TestMemoryAfterCrashes(ScheduleCrashContract):
    @pytest.fixture
    def world(self, schedules: ScheduleWorld) -> ScheduleWorld:
        return schedules
