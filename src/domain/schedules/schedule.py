"""A schedule: a message that is delivered again and again, each time as a message of its own."""

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
    """What becomes of occurrences that were missed because nobody was there to deliver them."""

    SKIP = "skip"
    """None of them is delivered."""
    ONCE = "once"
    """One is delivered for all of them: the latest."""
    ALL = "all"
    """Each is delivered, late."""


class ScheduleStatus(StrEnum):
    """Where a schedule is in its life."""

    ACTIVE = "active"
    """Its next occurrence waits, as a message."""
    PAUSED = "paused"
    """Nothing occurs until it is resumed, and what would have occurred meanwhile never does."""
    ENDED = "ended"
    """No occurrence is left. An edit may give it new ones."""


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
        id: its name.
        template: what its messages have in common.
        cron: when it occurs, in local time: five fields, or six with seconds first.
        timezone: whose local time that is, by its name in the IANA database.
        created_at: when it was accepted.
        missed: what becomes of missed occurrences.
        starts_at: nothing occurs before; `None`: as soon as it can.
        ends_at: nothing occurs after; `None`: it goes on.
        status: where it is in its life.
        next_at: when the occurrence is that waits as a message; `None` unless it is active.
        next_id: the id of that message.
        last_at: when the last occurrence was that it has let go: none at or before that is made again.
        revision: how often it was written. Only who has read the last revision may write the next.
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
        """Returns the message of one occurrence."""
        template = self.template
        lasts = template.expires_after
        return Message(
            **content_of(template),
            id=message_id,
            at=at,
            due_at=at,
            created_at=created_at,
            expires_at=None if lasts is None else instant_after(at, lasts),
            schedule_id=self.id,
            begin_by=begin_by,
        )

    def waiting_for(self, occurrence: Message | None, last_at: datetime | None) -> Schedule:
        """Returns it with its next occurrence, and what it has let go; as ended, if there is none."""
        return replace(
            self,
            status=ScheduleStatus.ENDED if occurrence is None else ScheduleStatus.ACTIVE,
            next_at=None if occurrence is None else occurrence.at,
            next_id=None if occurrence is None else occurrence.id,
            last_at=last_at,
            revision=self.revision + 1,
        )

    def paused(self, last_at: datetime | None) -> Schedule:
        """Returns it as paused.

        Raises:
            ScheduleEndedError: it has ended.
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
        """Returns it with new values. When it occurs next is for the caller to find out."""
        changes = edit.changes()
        template = {field.name: changes.pop(field.name) for field in fields(Template) if field.name in changes}
        return replace(self, template=copy_with(self.template, template), **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleEdit(ContentEdit):
    """New values for fields of the same names of a schedule and its template; the others stay as they are."""

    cron: str | Unchanged = UNCHANGED
    timezone: str | Unchanged = UNCHANGED
    missed: Missed | Unchanged = UNCHANGED
    starts_at: datetime | Unchanged | None = UNCHANGED
    ends_at: datetime | Unchanged | None = UNCHANGED
    expires_after: timedelta | Unchanged | None = UNCHANGED
