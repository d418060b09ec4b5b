"""What a handler needs to take a message in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from ...application.schedule_message import ScheduleMessage
from ...application.schedule_messages import ScheduleMessages
from .documents import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One dependency instead of three: Litestar resolves several of them in a task group of their own.

    That took half of all the time of a request.

    Attributes:
        schedule: the use case.
        schedule_many: the use case for many, and for those with a key.
        zone: the zone of times that carry none.
        limits: how much a client may send.
    """

    schedule: ScheduleMessage
    schedule_many: ScheduleMessages
    zone: tzinfo
    limits: Limits


def intake_of(
    schedule: Callable[[], ScheduleMessage],
    schedule_many: Callable[[], ScheduleMessages],
    zone: tzinfo,
    limits: Limits,
) -> Callable[[], Intake]:
    """Returns a provider of the intake over providers of its use cases."""

    def provide() -> Intake:
        return Intake(schedule=schedule(), schedule_many=schedule_many(), zone=zone, limits=limits)

    return provide
