"""A schedule: a message that is delivered again and again, each time as a message of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ..errors import ScheduleEndedError
from ..messages.edit import UNCHANGED, Unchanged
from ..messages.message import Message
from ..messages.retry import DEFAULT_RETRY, RetryPolicy
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What the messages of a schedule have in common.

    Attributes:
        body: JSON text in UTF-8 without white space between tokens.
        to: the destination.
        retry: when to try again.
        labels: words of the client's, by which it finds its messages again.
        headers: names and values for the receiver.
        expires_after: how long after its time an occurrence is still worth delivering; `None`: however late it is.
    """

    body: bytes
    to: str = "console"
    retry: RetryPolicy = DEFAULT_RETRY
    labels: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
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
            id=message_id,
            body=template.body,
            to=template.to,
            at=at,
            due_at=at,
            created_at=created_at,
            retry=template.retry,
            expires_at=None if lasts is None else instant_after(at, lasts),
            labels=template.labels,
            headers=template.headers,
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
        own = {name: value for name in _OWN if (value := getattr(edit, name)) is not UNCHANGED}
        common = {name: value for name in Template.__slots__ if (value := getattr(edit, name)) is not UNCHANGED}
        return replace(self, template=replace(self.template, **common), **own)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleEdit:
    """New values for fields of the same names of a schedule and its template; the others stay as they are."""

    cron: str | Unchanged = UNCHANGED
    timezone: str | Unchanged = UNCHANGED
    missed: Missed | Unchanged = UNCHANGED
    starts_at: datetime | Unchanged | None = UNCHANGED
    ends_at: datetime | Unchanged | None = UNCHANGED
    body: bytes | Unchanged = UNCHANGED
    to: str | Unchanged = UNCHANGED
    retry: RetryPolicy | Unchanged = UNCHANGED
    labels: tuple[str, ...] | Unchanged = UNCHANGED
    headers: tuple[tuple[str, str], ...] | Unchanged = UNCHANGED
    expires_after: timedelta | Unchanged | None = UNCHANGED


_OWN = ("cron", "timezone", "missed", "starts_at", "ends_at")
