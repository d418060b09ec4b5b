"""What the handlers of a request work with: the use cases, and the options of the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import tzinfo

    from litestar import Litestar, Request

    from ...application.live_events.watch_events import WatchEvents
    from ...application.messages.cancel_message import CancelMessage
    from ...application.messages.cancel_messages import CancelMessages
    from ...application.messages.deliver_message_now import DeliverMessageNow
    from ...application.messages.edit_message import EditMessage
    from ...application.messages.find_message import FindMessage
    from ...application.messages.forecast_messages import ForecastMessages
    from ...application.messages.list_messages import ListMessages
    from ...application.messages.replay_message import ReplayMessage
    from ...application.messages.replay_messages import ReplayMessages
    from ...application.messages.schedule_message import ScheduleMessage
    from ...application.messages.schedule_messages import ScheduleMessages
    from ...application.operations.check_readiness import CheckReadiness
    from ...application.schedules.create_schedule import CreateSchedule
    from ...application.schedules.delete_schedule import DeleteSchedule
    from ...application.schedules.edit_schedule import EditSchedule
    from ...application.schedules.find_schedules import FindSchedules
    from ...application.schedules.pause_schedule import PauseSchedule, ResumeSchedule

_USE_CASES, _OPTIONS = "use_cases", "options"


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """Every use case of the HTTP API, each under its own name. The container makes this value."""

    schedule_message: ScheduleMessage
    schedule_messages: ScheduleMessages
    find_message: FindMessage
    list_messages: ListMessages
    edit_message: EditMessage
    cancel_message: CancelMessage
    deliver_message_now: DeliverMessageNow
    replay_message: ReplayMessage
    cancel_messages: CancelMessages
    replay_messages: ReplayMessages
    forecast_messages: ForecastMessages
    watch_events: WatchEvents
    create_schedule: CreateSchedule
    find_schedules: FindSchedules
    edit_schedule: EditSchedule
    pause_schedule: PauseSchedule
    resume_schedule: ResumeSchedule
    delete_schedule: DeleteSchedule
    check_readiness: CheckReadiness


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """The settings that handlers need.

    Attributes:
        timezone: The zone of a time that names none.
        max_body_bytes: The most that the encoded body of one message may have.
        max_request_bytes: The most that one request may have, except for streamed lines.
    """

    timezone: tzinfo
    max_body_bytes: int
    max_request_bytes: int


def provide_use_cases(app: Litestar, use_cases: UseCases, options: HttpOptions) -> None:
    """Gives an application the use cases and options of its handlers. A repeat replaces them."""
    app.state[_USE_CASES] = use_cases
    app.state[_OPTIONS] = options


def use_cases_of(request: Request[Any, Any, Any]) -> UseCases:
    """Returns the use cases of the application that received a request.

    They are in the application's state and are not dependencies of Litestar. Litestar needed 8 µs to resolve one
    dependency: a third of its own time for a request that is read and answered as ours are. It resolves several
    dependencies in a task group, which took as long as all the rest.
    """
    use_cases: UseCases = request.app.state[_USE_CASES]
    return use_cases


def options_of(request: Request[Any, Any, Any]) -> HttpOptions:
    """Returns the options of the application that received a request."""
    options: HttpOptions = request.app.state[_OPTIONS]
    return options
