"""A schedule: a message that is delivered again and again, each time as a new message called an occurrence."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ..errors import ScheduleEndedError
from ..immutable import copy_with, immutable
from ..messages.content import Content, content_of
from ..messages.edit import UNCHANGED, ContentEdit, Unchanged
from ..messages.message import Message
from ..time.instant import instant_after

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ..ids import MessageId, ScheduleId


class Missed(StrEnum):
    """What happens to occurrences that were missed because no instance was there to deliver them."""

    SKIP = "skip"
    """None of them is delivered."""
    ONCE = "once"
    """Only the latest is delivered. It stands for all of them."""
    ALL = "all"
    """Each is delivered, late."""


class ScheduleStatus(StrEnum):
    """The status of a schedule."""

    ACTIVE = "active"
    """The next occurrence waits as a message."""
    PAUSED = "paused"
    """Nothing occurs until the schedule is resumed. Occurrences during the pause are never delivered."""
    ENDED = "ended"
    """No occurrence is left. An edit can give the schedule new ones."""


@immutable
class Template(Content):
    """What the messages of a schedule have in common.

    Attributes:
        expires_after: How long after its time an occurrence expires. `None`: it does not expire.
    """

    expires_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One schedule in one state. A transition returns the schedule in its next state.

    Attributes:
        id: The schedule's id.
        template: What its messages have in common.
        cron: When it occurs, in local time: five fields, or six with seconds first.
        timezone: The time zone of that local time, by its name in the IANA database.
        created_at: When the schedule was accepted.
        missed: What happens to missed occurrences.
        starts_at: The earliest time of an occurrence. `None`: there is none.
        ends_at: The latest time of an occurrence. `None`: there is none.
        status: The present status.
        next_at: The time of the occurrence that waits as a message. `None` unless the schedule is active.
        next_id: The id of that message.
        last_at: The time of the last released occurrence. No occurrence at or before it is made again.
        revision: How often the schedule was written. Only a caller that has read the latest revision may write the
            next one.
    """

    id: ScheduleId
    template: Template
    cron: str
    timezone: str
    created_at: datetime
    missed: Missed = Missed.ONCE
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    status: ScheduleStatus = ScheduleStatus.ACTIVE
    next_at: datetime | None = None
    next_id: MessageId | None = None
    last_at: datetime | None = None
    revision: int = 0

    def occurrence(
        self, message_id: MessageId, at: datetime, created_at: datetime, begin_by: datetime | None
    ) -> Message:
        """Returns the message of one occurrence.

        Args:
            message_id: The id of the message.
            at: The time of the occurrence.
            created_at: When the message is made.
            begin_by: The latest time of the first attempt. `None`: there is none.
        """
        expires_after = self.template.expires_after
        return Message(
            **content_of(self.template),
            id=message_id,
            at=at,
            due_at=at,
            created_at=created_at,
            expires_at=None if expires_after is None else instant_after(at, expires_after),
            schedule_id=self.id,
            begin_by=begin_by,
        )

    def waiting_for(self, occurrence: Message | None, last_at: datetime | None) -> Schedule:
        """Returns the schedule with its next occurrence. Without one, the schedule has ended.

        Args:
            occurrence: The message of the next occurrence. `None`: no occurrence is left.
            last_at: The time of the last released occurrence.
        """
        return replace(
            self,
            status=ScheduleStatus.ENDED if occurrence is None else ScheduleStatus.ACTIVE,
            next_at=None if occurrence is None else occurrence.at,
            next_id=None if occurrence is None else occurrence.id,
            last_at=last_at,
            revision=self.revision + 1,
        )

    def paused(self, last_at: datetime | None) -> Schedule:
        """Returns the schedule as paused. `last_at` is the time of the last released occurrence.

        Raises:
            ScheduleEndedError: The schedule has ended.
        """
        if self.status is ScheduleStatus.ENDED:
            raise ScheduleEndedError(self.id)
        return replace(
            self,
            status=ScheduleStatus.PAUSED,
            next_at=None,
            next_id=None,
            last_at=last_at,
            revision=self.revision + 1,
        )

    def edited(self, edit: ScheduleEdit) -> Schedule:
        """Returns the schedule with new values. The caller has to find its next occurrence."""
        changes = edit.changes()
        template = {field.name: changes.pop(field.name) for field in fields(Template) if field.name in changes}
        return replace(self, template=copy_with(self.template, template), **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleEdit(ContentEdit):
    """New values for the fields of a schedule and its template that have the same names.

    `UNCHANGED` leaves a field as it is.
    """

    cron: str | Unchanged = UNCHANGED
    timezone: str | Unchanged = UNCHANGED
    missed: Missed | Unchanged = UNCHANGED
    starts_at: datetime | Unchanged | None = UNCHANGED
    ends_at: datetime | Unchanged | None = UNCHANGED
    expires_after: timedelta | Unchanged | None = UNCHANGED
