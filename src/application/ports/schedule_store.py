"""The port that stores schedules, each in the partition of its occurrences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ...domain.ids import ScheduleId
    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from ...domain.schedules.schedule import Schedule

MAX_CHANGE_TRIES = 100
"""How often `change` and `remove` read a schedule that others change before they can write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSchedule:
    """A schedule as it is stored, with the message of its next occurrence.

    Attributes:
        schedule: The schedule in its last revision.
        waiting: The message of its next occurrence, while that message is scheduled. `None` if it is being
            delivered, has ended or does not exist.
    """

    schedule: Schedule
    waiting: Message | None

    @property
    def last_released_at(self) -> datetime | None:
        """The time of the last occurrence that is not made again; `None` if there is none.

        The next occurrence counts as released if its message is no longer waiting: it is being delivered, was
        delivered early, or was cancelled on its own.
        """
        schedule = self.schedule
        return schedule.last_at if self.waiting is not None or schedule.next_at is None else schedule.next_at

    def cancelled(self, now: datetime) -> Message | None:
        """Returns the waiting message in its cancelled state; `None` if no message is waiting."""
        return None if self.waiting is None else self.waiting.cancelled(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleUpdate:
    """One write of a schedule and its messages. The store applies all of it or nothing.

    Attributes:
        schedule: The schedule in its next revision.
        occurrences: The messages to add. They have the labels of the schedule.
        cancelled: The waiting message in its cancelled state; `None` if no message is cancelled.
    """

    schedule: Schedule
    occurrences: Sequence[Message] = ()
    cancelled: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleWriteResult:
    """The result of writing schedules that were read earlier.

    Attributes:
        stale: The schedules that were not written, because something had changed since it was read.
        next_due_moved_up: Whether the partition's next due time has become earlier.
    """

    stale: frozenset[ScheduleId] = frozenset()
    next_due_moved_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleChangeResult:
    """The result of changing a schedule.

    Attributes:
        schedule: The schedule after the change.
        written: The update that was written; `None` if the schedule stayed as it was.
        next_due_moved_up: Whether the partition's next due time has become earlier.
    """

    schedule: Schedule
    written: ScheduleUpdate | None = None
    next_due_moved_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRemoval:
    """The result of removing a schedule.

    Attributes:
        cancelled: The message that was cancelled with it; `None` if no message was waiting.
    """

    cancelled: Message | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePage:
    """A part of a list of schedules, in the order of their ids, which is the order of acceptance.

    Attributes:
        schedules: The schedules of this page that can be read.
        next: The id after which the list goes on; `None` if this is the last page.
    """

    schedules: Sequence[Schedule]
    next: ScheduleId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSchedules:
    """The schedules of a partition that have to be planned.

    Attributes:
        now: The store's time.
        schedules: Schedules whose next occurrence is due, earliest first.
        next_at: When the next occurrence of all other schedules is, or was, due; `None` if there is none.
    """

    now: datetime
    schedules: Sequence[Schedule]
    next_at: datetime | None


class ScheduleStore(Protocol):
    """Stores schedules beside the messages of the same store. Each method is atomic.

    When `add`, `change` or `remove` returns, its write is as durable as the store's setting asks for. A write of
    `write` is as durable as the server makes any write.

    Every method may raise `StoreUnavailableError`. It is then unknown whether the write was made.
    """

    async def add(self, update: ScheduleUpdate) -> ScheduleWriteResult:
        """Writes a schedule of revision 1 and its first occurrence. It is stale if one of their ids is taken.

        Raises:
            StoreFullError: The store has no room. Nothing was written.
        """
        ...

    async def get(self, schedule_id: ScheduleId) -> StoredSchedule | None:
        """Returns the schedule as it is now; `None` if there is none of that id."""
        ...

    async def page(self, partition: Partition, after: ScheduleId | None, limit: int) -> SchedulePage:
        """Returns up to `limit` schedules of a partition, in the order of their ids, after the id `after`.

        A page may be shorter although others follow: schedules may be large, or unreadable.
        """
        ...

    async def find_due(self, partition: Partition, limit: int) -> DueSchedules:
        """Returns up to `limit` schedules whose next occurrence is due by the store's clock."""
        ...

    async def change(
        self, schedule_id: ScheduleId, change: Callable[[StoredSchedule], ScheduleUpdate | None]
    ) -> ScheduleChangeResult | None:
        """Writes the update that `change` makes of the schedule, as one step; `None` if there is none of that id.

        `change` gets the schedule as it is now. It is called again, with the schedule as it is then, when another
        change or a claim of the waiting message was faster, or when the id of a new occurrence is taken. What it
        raises is raised, and nothing is written. If it returns `None`, nothing is written. Works also when the
        store has no room for new messages.

        Raises:
            StoreUnavailableError: The store did not answer, or others were faster `MAX_CHANGE_TRIES` times.
        """
        ...

    async def write(self, partition: Partition, updates: Sequence[ScheduleUpdate]) -> ScheduleWriteResult:
        """Writes each update whose schedule is still as it was read. The others are stale.

        An update is written if the stored schedule has the revision before the update's, if the ids of all new
        occurrences are free, and if the message to cancel is still waiting. So of any number of instances that
        write an update from one revision, one succeeds. A stale update does not affect the others. Works also when
        the store has no room for new messages.
        """
        ...

    async def remove(
        self, schedule_id: ScheduleId, cancel: Callable[[StoredSchedule], Message | None]
    ) -> ScheduleRemoval | None:
        """Removes a schedule and cancels its waiting message, as one step; `None` if there is none of that id.

        `cancel` returns the waiting message in its cancelled state, or `None` if no message is waiting. It is
        called again when another change or a claim of that message was faster. What it raises is raised, and
        nothing is removed.

        Raises:
            StoreUnavailableError: The store did not answer, or others were faster `MAX_CHANGE_TRIES` times.
        """
        ...
