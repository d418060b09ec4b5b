"""The use case that changes a schedule."""

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
    from .update_schedule import ScheduleUpdater


class EditSchedule:
    """Changes a schedule. Its next occurrence is withdrawn and made anew, unless it is under way already."""

    def __init__(self, changes: ScheduleUpdater, occurrences: Occurrences, channels: Channels) -> None:
        self._changes = changes
        self._occurrences = occurrences
        self._channels = channels

    async def __call__(self, schedule_id: str, edit: ScheduleEdit) -> Schedule:
        """Returns the schedule as edited: a paused one stays so, one that had ended may go on, or one may end.

        Raises:
            ScheduleNotFoundError: there is none of that id.
            InvalidCronError: its expression cannot be read, or never comes true.
            UnknownTimezoneError: its zone is not known.
            UnknownChannelError: nothing is registered for its destination.
            InvalidDestinationError: its channel will not deliver there.
            InvalidHeaderError: its messages may not carry such a header.
            InvalidTimeError: its start or end lies outside the years 1 to 9999.
            StoreUnavailableError: the store did not answer; whether it is edited is unknown.
        """
        if edit.headers is not UNCHANGED:
            require_valid_headers(edit.headers)
        if edit.to is not UNCHANGED:
            await self._channels.check(edit.to)
        return await self._changes.apply(schedule_id, lambda kept, now: self._edited(kept, edit, now))

    def _edited(self, kept: StoredSchedule, edit: ScheduleEdit, now: datetime) -> ScheduleUpdate:
        edited = kept.schedule.edited(_with_times(edit, now))
        self._occurrences.check_pattern(edited, now)
        if edited.status is ScheduleStatus.PAUSED:
            return ScheduleUpdate(schedule=edited.paused(edited.last_at))
        return self._occurrences.next_of(kept, edited, now)


def _with_times(edit: ScheduleEdit, now: datetime) -> ScheduleEdit:
    if edit.starts_at is not UNCHANGED and edit.starts_at is not None:
        edit = replace(edit, starts_at=resolve_time(now, edit.starts_at))
    if edit.ends_at is not UNCHANGED and edit.ends_at is not None:
        edit = replace(edit, ends_at=resolve_time(now, edit.ends_at))
    return edit
