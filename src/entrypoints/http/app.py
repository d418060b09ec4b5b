"""The Litestar application."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from litestar import Litestar

from .docs import docs_page, problems_page
from .echo_at_time import echo_at_time
from .events.event_stream import watch_events
from .health import live, ready
from .messages.batch.batch_endpoint import schedule_batch
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
from .problems.problem_response import EXCEPTION_HANDLERS
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
from .security import access_guard
from .security_headers import add_security_headers
from .use_cases import HttpOptions, UseCases, provide_use_cases

if TYPE_CHECKING:
    from ..api_keys import ApiKey
    from ..rate_limit import RateLimiter


def create_app(
    use_cases: UseCases,
    options: HttpOptions,
    *,
    api_keys: tuple[ApiKey, ...] = (),
    limiter: RateLimiter | None = None,
) -> Litestar:
    """Returns the application.

    Args:
        use_cases: What its handlers call.
        options: The settings of its handlers.
        api_keys: The keys that clients may use; with none, no key is needed.
        limiter: Limits the requests of each key; with `None`, they are not limited.
    """
    app = Litestar(
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
        exception_handlers=EXCEPTION_HANDLERS,
        guards=[access_guard(api_keys, limiter)] if api_keys or limiter else [],
        before_send=[add_security_headers],
        openapi_config=openapi_config(version("postdate")),
        request_max_body_size=options.max_request_bytes,
        logging_config=None,
    )
    provide_use_cases(app, use_cases, options)
    return app
