"""All that is done with schedules, made of what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .create_schedule import CreateSchedule
from .delete_schedule import DeleteSchedule
from .edit_schedule import EditSchedule
from .find_schedules import FindSchedules
from .occurrences import Occurrences
from .pause_schedule import PauseSchedule, ResumeSchedule
from .plan_occurrences import PlanOccurrences
from .timetables import Timetables
from .update_schedule import ScheduleUpdater

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ...domain.lease import Partition
    from ..channels import Channels
    from ..ports.clock import Clock
    from ..ports.cron_reader import CronReader
    from ..ports.doorbell import Doorbell
    from ..ports.event_recorder import EventRecorder
    from ..ports.id_generator import IdGenerator
    from ..ports.schedule_store import ScheduleStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedules:
    """The use cases of schedules."""

    create: CreateSchedule
    look: FindSchedules
    edit: EditSchedule
    pause: PauseSchedule
    resume: ResumeSchedule
    delete: DeleteSchedule
    plan: PlanOccurrences


def schedules_over(
    *,
    store: ScheduleStore,
    cron: CronReader,
    ids: IdGenerator,
    channels: Channels,
    doorbell: Doorbell,
    clock: Clock,
    events: EventRecorder,
    partitions: Callable[[], Awaitable[Sequence[Partition]]],
    prepare: Callable[[], Awaitable[None]],
) -> Schedules:
    """Returns the use cases over what they share.

    Args:
        store: keeps the schedules.
        cron: reads their expressions.
        ids: names them and their occurrences.
        channels: what occurrences may be sent to.
        doorbell: is rung when an occurrence comes earlier than anything else.
        clock: tells when clients ask.
        events: learn of every occurrence.
        partitions: returns those there are.
        prepare: is awaited before a schedule is written: see `CreateSchedule`.
    """
    timetables = Timetables(cron)
    occurrences = Occurrences(timetables, ids)
    updater = ScheduleUpdater(store, occurrences, ids, doorbell, clock, events)
    return Schedules(
        create=CreateSchedule(updater, occurrences, timetables, ids, channels, clock, prepare),
        look=FindSchedules(store, timetables, ids, partitions, clock),
        edit=EditSchedule(updater, occurrences, timetables, channels),
        pause=PauseSchedule(updater),
        resume=ResumeSchedule(updater, occurrences),
        delete=DeleteSchedule(updater),
        plan=PlanOccurrences(store, occurrences, updater, events),
    )
