"""The use case that edits a schedule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...domain.messages.edit import UNCHANGED
from ...domain.messages.headers import require_valid_headers
from ...domain.schedules.schedule import ScheduleStatus
from ...domain.time.resolve import resolve_time
from ..ports.schedule_store import ScheduleUpdate

if TYPE_CHECKING:
    from datetime import datetime

    from ...domain.schedules.schedule import Schedule, ScheduleEdit
    from ..channels import Channels
    from ..ports.schedule_store import StoredSchedule
    from .occurrences import Occurrences
    from .timetables import Timetables
    from .update_schedule import ScheduleUpdater


class EditSchedule:
    """Edits a schedule. Its waiting occurrence is cancelled and replaced; one that is being delivered is not."""

    def __init__(
        self, updater: ScheduleUpdater, occurrences: Occurrences, timetables: Timetables, channels: Channels
    ) -> None:
        self._updater = updater
        self._occurrences = occurrences
        self._timetables = timetables
        self._channels = channels

    async def __call__(self, schedule_id: str, edit: ScheduleEdit) -> Schedule:
        """Edits a schedule and returns it.

        A paused schedule stays paused. One that had ended becomes active if the edit gives it an occurrence. An
        active one ends if the edit leaves it none.

        Raises:
            ScheduleNotFoundError: No schedule has this id.
            InvalidCronError: Its expression cannot be read, or never occurs.
            UnknownTimezoneError: Its time zone is not known.
            UnknownChannelError: No channel is registered for its destination.
            InvalidDestinationError: Its channel refuses the destination.
            InvalidHeaderError: Its messages may not have such a header.
            InvalidTimeError: Its start or end is outside the years 1 to 9999.
            StoreUnavailableError: The store did not answer. It is unknown whether the schedule was edited.
        """
        if edit.headers is not UNCHANGED:
            require_valid_headers(edit.headers)
        if edit.to is not UNCHANGED:
            await self._channels.check(edit.to)
        return await self._updater.apply(schedule_id, lambda stored, now: self._edit(stored, edit, now))

    def _edit(self, stored: StoredSchedule, edit: ScheduleEdit, now: datetime) -> ScheduleUpdate:
        edited = stored.schedule.edited(_with_resolved_times(edit, now))
        self._timetables.require_pattern(edited, now)
        if edited.status is ScheduleStatus.PAUSED:
            return ScheduleUpdate(schedule=edited.paused(edited.last_at))
        return self._occurrences.replace_next(stored, edited, now)


def _with_resolved_times(edit: ScheduleEdit, now: datetime) -> ScheduleEdit:
    if edit.starts_at is not UNCHANGED and edit.starts_at is not None:
        edit = replace(edit, starts_at=resolve_time(now, edit.starts_at))
    if edit.ends_at is not UNCHANGED and edit.ends_at is not None:
        edit = replace(edit, ends_at=resolve_time(now, edit.ends_at))
    return edit
