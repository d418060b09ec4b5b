"""The port that keeps schedules, each in the partition that its occurrences are in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ...domain.ids import ScheduleId
    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from ...domain.schedules.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSchedule:
    """A schedule as it is kept.

    Attributes:
        schedule: as it is now.
        waiting: the message of its next occurrence, if that waits; `None` if it is under way, has ended, or there
            is none.
    """

    schedule: Schedule
    waiting: Message | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleUpdate:
    """What is to be written of a schedule, all of it or nothing.

    Attributes:
        schedule: in its next revision.
        occurrences: the messages that begin to wait with it.
        withdrawn: a message that waits, as cancelled; `None`: none is withdrawn.
    """

    schedule: Schedule
    occurrences: Sequence[Message] = ()
    withdrawn: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """What came of writing.

    Attributes:
        stale: the schedules of which nothing was written, because something was not as it was read.
        next_due_moved_up: whether the partition's next due time has become earlier than it was.
    """

    stale: frozenset[ScheduleId] = frozenset()
    next_due_moved_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePage:
    """Some of the schedules of a partition, in the order of their ids.

    Attributes:
        schedules: those that can be read.
        next: the id behind which there may be more; `None`: these are the last.
    """

    schedules: Sequence[Schedule]
    next: ScheduleId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What is to be planned in a partition.

    Attributes:
        now: the store's present.
        due: schedules whose next occurrence has come, the earliest first.
        next_at: when the next occurrence of all others comes, or came; `None` if there is none.
    """

    now: datetime
    due: Sequence[Schedule]
    next_at: datetime | None


class ScheduleStore(Protocol):
    """Keeps schedules beside the messages of the same store. Each method is atomic.

    What `add`, `change` and `remove` have answered is as durable as the store was told to be; what `write` has, as
    the store was set up to be.

    Every method may raise `StoreUnavailableError`; whether what it asked for has happened is then unknown.
    """

    async def add(self, step: ScheduleUpdate) -> WriteResult:
        """Writes a schedule of revision 1 and its first occurrence. Stale: one of their ids is taken.

        Raises:
            StoreFullError: there is no room. Nothing was written.
        """
        ...

    async def get(self, schedule_id: ScheduleId) -> StoredSchedule | None:
        """Returns the schedule as it is now; `None` if there is none of that id."""
        ...

    async def page(self, partition: Partition, after: ScheduleId | None, limit: int) -> SchedulePage:
        """Returns up to `limit` schedules of a partition whose ids are greater than that, in the order of ids.

        It may be fewer, where they are long or cannot be read, though others follow.
        """
        ...

    async def planned(self, partition: Partition, limit: int) -> Planned:
        """Returns up to `limit` schedules whose next occurrence has come, by the store's clock."""
        ...

    async def change(self, step: ScheduleUpdate) -> WriteResult:
        """Takes a step if everything is still as it was read; else it changes nothing.

        The schedule has to be kept in the revision before, the ids of all occurrences have to be free, and what is
        withdrawn has to wait. So of any number of instances that take a step from one revision, one does. Works
        also when there is no room for new messages.
        """
        ...

    async def write(self, partition: Partition, steps: Sequence[ScheduleUpdate]) -> WriteResult:
        """Takes steps of several schedules of a partition, each as `change` does or not at all."""
        ...

    async def remove(self, schedule: Schedule, withdrawn: Message | None) -> WriteResult:
        """Forgets a schedule, if it is kept in that very revision and what is withdrawn waits."""
        ...
