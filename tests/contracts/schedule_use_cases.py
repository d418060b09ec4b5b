"""The use cases of schedules over a store, each client of it with its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from postdate.adapters.cron.cron_reader import CronsimReader
from postdate.application.schedules.create_schedule import CreateSchedule
from postdate.application.schedules.delete_schedule import DeleteSchedule
from postdate.application.schedules.edit_schedule import EditSchedule
from postdate.application.schedules.find_schedules import FindSchedules
from postdate.application.schedules.occurrences import Occurrences
from postdate.application.schedules.pause_schedule import PauseSchedule, ResumeSchedule
from postdate.application.schedules.plan_occurrences import PlanOccurrences
from postdate.application.schedules.timetables import Timetables
from postdate.application.schedules.update_schedule import ScheduleUpdater

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from postdate.application.channels import Channels
    from postdate.application.ports.clock import Clock
    from postdate.application.ports.doorbell import Doorbell
    from postdate.application.ports.event_recorder import EventRecorder
    from postdate.application.ports.id_generator import IdGenerator
    from postdate.application.ports.schedule_store import ScheduleStore
    from postdate.domain.lease import Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleUseCases:
    create: CreateSchedule
    look: FindSchedules
    edit: EditSchedule
    pause: PauseSchedule
    resume: ResumeSchedule
    delete: DeleteSchedule
    plan: PlanOccurrences


def schedule_use_cases(  # noqa: PLR0913  # all that the use cases share
    *,
    store: ScheduleStore,
    ids: IdGenerator,
    channels: Channels,
    doorbell: Doorbell,
    clock: Clock,
    events: EventRecorder,
    partitions: Callable[[], Awaitable[Sequence[Partition]]],
    register_partitions: Callable[[], Awaitable[None]],
) -> ScheduleUseCases:
    timetables = Timetables(CronsimReader())
    occurrences = Occurrences(timetables, ids)
    updater = ScheduleUpdater(store, occurrences, ids, doorbell, clock, events)
    return ScheduleUseCases(
        create=CreateSchedule(updater, occurrences, timetables, ids, channels, clock, register_partitions),
        look=FindSchedules(store, timetables, ids, partitions, clock),
        edit=EditSchedule(updater, occurrences, timetables, channels),
        pause=PauseSchedule(updater),
        resume=ResumeSchedule(updater, occurrences),
        delete=DeleteSchedule(updater),
        plan=PlanOccurrences(store, occurrences, updater, events),
    )
