"""The options of a Celery call: which of them Postdate can carry, and what they mean there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from celery.utils.time import maybe_make_aware  # type: ignore[import-untyped]  # it has no types

from ..adapters.channels.task_queues.allowed_tasks import ANY_TASK
from ..adapters.channels.task_queues.call import InvalidCallError
from ..adapters.channels.task_queues.celery_options import OPTIONS, celery_options

if TYPE_CHECKING:
    from celery import Celery  # type: ignore[import-untyped]  # likewise

_IGNORED_OPTIONS = frozenset({"add_to_parent", "redelivered", "retry", "retry_policy"})
"""Options that have no meaning once another process sends the task."""


def future_eta(options: dict[str, Any], app: Celery) -> datetime | None:
    """Returns the time of a call by its `countdown` or `eta`; `None` if it has none, or is not in the future.

    An `eta` without a time zone is in UTC, as it is for a worker.
    """
    countdown, eta = options.get("countdown"), options.get("eta")
    if countdown:
        return datetime.now(UTC) + timedelta(seconds=countdown) if countdown > 0 else None
    if not eta:
        return None
    at: datetime = maybe_make_aware(datetime.fromisoformat(eta) if isinstance(eta, str) else eta, app.timezone)
    return at if at > datetime.now(UTC) else None


def unsupported_options(options: dict[str, Any]) -> list[str]:
    """Returns the names of the options that Postdate cannot carry, sorted."""
    given = {name for name, value in options.items() if value is not None}
    return sorted(given - OPTIONS - _IGNORED_OPTIONS - {"eta", "countdown"})


def refusal_of(carried: dict[str, Any]) -> str | None:
    """Returns the reason why Postdate would refuse these options when the task is due; `None`: it accepts them.

    Postdate may still refuse a task that an option names, if it has a list of tasks.
    """
    try:
        celery_options(carried, ANY_TASK)
    except InvalidCallError as error:
        return str(error)
    return None


def parent_ids(app: Celery) -> dict[str, str]:
    """Returns the options that link a task to the task that calls it; none outside of a task."""
    parent = app.current_worker_task
    if parent is None:
        return {}
    return {"root_id": parent.request.root_id or parent.request.id, "parent_id": parent.request.id}


def absolute_expiry(expires: Any, app: Celery) -> str | None:  # noqa: ANN401  # a datetime, its ISO 8601 text, or seconds from now
    """Returns the option `expires` as ISO 8601 text; `None` if the task does not expire."""
    if isinstance(expires, int | float):
        expires = datetime.now(UTC) + timedelta(seconds=expires)
    if isinstance(expires, datetime):
        return str(maybe_make_aware(expires, app.timezone).isoformat())
    return expires or None


def json_value(value: Any) -> Any:  # noqa: ANN401  # an option of Celery, and a JSON value
    """Returns an option as JSON can carry it: a queue or an exchange of kombu by its name, others unchanged."""
    # A signature has a name too, but it is an object that JSON can carry.
    return value if isinstance(value, dict) else getattr(value, "name", value)
