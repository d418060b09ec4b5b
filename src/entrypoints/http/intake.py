"""What a handler needs to take a message in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from ...application.schedule_message import ScheduleMessage
from .documents import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One dependency instead of three: Litestar resolves several of them in a task group of their own.

    That took half of all the time of a request.

    Attributes:
        schedule: the use case.
        zone: the zone of times that carry none.
        limits: how much a client may send.
    """

    schedule: ScheduleMessage
    zone: tzinfo
    limits: Limits


def intake_of(schedule: Callable[[], ScheduleMessage], zone: tzinfo, limits: Limits) -> Callable[[], Intake]:
    """Returns a provider of the intake over a provider of its use case."""

    def provide() -> Intake:
        return Intake(schedule=schedule(), zone=zone, limits=limits)

    return provide
