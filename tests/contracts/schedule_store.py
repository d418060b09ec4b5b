"""What a schedule store promises."""

from __future__ import annotations

from .schedules.adding import AddingSchedules
from .schedules.changing import ChangingSchedules
from .schedules.finding import FindingDueSchedules, PagingSchedules
from .schedules.removing import RemovingSchedules
from .schedules.writing import CancellingOccurrences, LabellingOccurrences, WritingSchedules


class ScheduleStoreContract(
    AddingSchedules,
    PagingSchedules,
    FindingDueSchedules,
    WritingSchedules,
    CancellingOccurrences,
    LabellingOccurrences,
    ChangingSchedules,
    RemovingSchedules,
):
    """Wants a fixture `world: ScheduleWorld`."""
