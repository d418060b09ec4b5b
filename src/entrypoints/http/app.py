"""The Litestar application."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from litestar import Litestar

from .docs import docs_page, problems_page
from .echo_at_time import echo_at_time
from .events.event_stream import watch_events
from .health import live, ready
from .intake import state_with_intake
from .messages.batch import schedule_batch
from .messages.bulk import cancel_messages, replay_messages
from .messages.forecast import forecast
from .messages.listing import list_messages
from .messages.message_endpoints import (
    cancel_message,
    deliver_message,
    edit_message,
    find_message,
    replay_message,
    schedule_message,
)
from .openapi.document import openapi_config, openapi_document
from .parsing.limits import Limits
from .problems import problem as problems
from .provide import from_container
from .schedules.schedule_endpoints import (
    create_schedule,
    delete_schedule,
    edit_schedule,
    find_schedule,
    list_schedules,
    pause_schedule,
    preview_schedule,
    resume_schedule,
)
from .security import key_guard
from .security_headers import harden

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from ...application.messages.cancel_message import CancelMessage
    from ...application.messages.deliver_message_now import DeliverMessageNow
    from ...application.messages.edit_message import EditMessage
    from ...application.messages.find_message import FindMessage
    from ...application.messages.replay_message import ReplayMessage
    from ...application.messages.schedule_message import ScheduleMessage
    from ...application.messages.schedule_messages import ScheduleMessages
    from ...application.operations.check_readiness import CheckReadiness
    from ...application.schedules.use_cases import Schedules
    from ..api_keys import ApiKey
    from ..rate_limit import RateLimiter
    from .overview import Overview


def create_app(
    *,
    schedule: Callable[[], ScheduleMessage],
    schedule_many: Callable[[], ScheduleMessages],
    find: Callable[[], FindMessage],
    cancel: Callable[[], CancelMessage],
    edit: Callable[[], EditMessage],
    hasten: Callable[[], DeliverMessageNow],
    replay: Callable[[], ReplayMessage],
    check: Callable[[], CheckReadiness],
    overview: Callable[[], Overview],
    schedules: Callable[[], Schedules],
    zone: tzinfo,
    limits: Limits,
    api_keys: tuple[ApiKey, ...] = (),
    limiter: RateLimiter | None = None,
) -> Litestar:
    """Returns the application over providers of its use cases.

    Args:
        schedule: provides the use case of that name; those after it likewise.
        schedule_many: see above.
        find: see above.
        cancel: see above.
        edit: see above.
        hasten: see above.
        replay: see above.
        check: see above.
        overview: provides what handlers need that look at many messages at once.
        schedules: provides the use cases of schedules.
        zone: the zone of times that carry none.
        limits: how much a client may send.
        api_keys: who may call; with none, everybody may.
        limiter: counts how often; with none, as often as they like.
    """
    dependencies: dict[str, Any] = {
        "find": from_container(find),
        "cancel": from_container(cancel),
        "overview": from_container(overview),
        "edit": from_container(edit),
        "hasten": from_container(hasten),
        "replay": from_container(replay),
        "check": from_container(check),
        "schedules": from_container(schedules),
    }
    return Litestar(
        route_handlers=[
            echo_at_time,
            schedule_message,
            schedule_batch,
            list_messages,
            cancel_messages,
            replay_messages,
            find_message,
            cancel_message,
            edit_message,
            deliver_message,
            replay_message,
            forecast,
            watch_events,
            create_schedule,
            list_schedules,
            find_schedule,
            preview_schedule,
            edit_schedule,
            delete_schedule,
            pause_schedule,
            resume_schedule,
            live,
            ready,
            openapi_document,
            docs_page,
            problems_page,
        ],
        dependencies=dependencies,
        state=state_with_intake(schedule, schedule_many, zone, limits),
        exception_handlers=problems.HANDLERS,
        guards=[key_guard(api_keys, limiter)] if api_keys or limiter else [],
        before_send=[harden],
        openapi_config=openapi_config(version("postdate")),
        request_max_body_size=limits.max_request_bytes,
        logging_config=None,
    )
