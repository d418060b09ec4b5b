"""The options of a Celery call that a client of Postdate may use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .allowed_tasks import ANY_TASK, permission_error
from .call import InvalidCallError
from .options import accepted_options, require_accepted, require_value, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNATURE_OPTIONS = frozenset({"chain", "chord", "link", "link_error"})
"""The options whose values are signatures: calls of other tasks, which the worker makes."""
OPTIONS = SIGNATURE_OPTIONS | frozenset({
    "compression", "delivery_mode", "exchange", "expires", "group_id", "group_index", "headers", "ignore_result",
    "origin", "parent_id", "priority", "queue", "replaced_task_nesting", "reply_to", "retries", "root_id",
    "routing_key", "serializer", "shadow", "soft_time_limit", "time_limit",
})  # fmt: skip
"""The options of `Task.apply_async` that are accepted. Times (`eta` and `countdown`) are Postdate's own work."""
_OPTIONS_OF_A_SIGNATURE = OPTIONS | {"countdown", "eta", "task_id"}
_FIELDS_OF_A_SIGNATURE = frozenset(
    {"args", "chord_size", "immutable", "kwargs", "options", "subtask_type", "task"}
)
SERIALIZER = "json"
"""The only serializer: a worker that decodes pickle runs any code that the bytes contain."""
_HEADER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+|traceparent|tracestate|baggage", re.IGNORECASE)
"""The headers that are accepted.

Celery's own headers (`task`, `id`, `callbacks`, …) replace what it would send. Their names are those of Python
attributes, so a name with a hyphen is none of them.
"""


def celery_options(given: Mapping[str, Any], allowed_tasks: tuple[str, ...]) -> dict[str, Any]:
    """Returns the options of a call after it checked them, with each signature that they contain.

    Raises:
        InvalidCallError: An option or its value is not accepted, or it names a task that may not be called.
    """
    options = accepted_options(given, OPTIONS, SIGNATURE_OPTIONS | {"headers"})
    _check_values(options, allowed_tasks)
    return options


def _check_values(options: dict[str, Any], allowed_tasks: tuple[str, ...]) -> None:
    if options.get("serializer", SERIALIZER) != SERIALIZER:
        raise InvalidCallError(f"the option 'serializer' is not {SERIALIZER}")
    _check_headers(options.get("headers"))
    for name in SIGNATURE_OPTIONS & options.keys():
        _check_signatures(name, options[name], allowed_tasks)


def _check_headers(headers: object) -> None:
    if headers is None:
        return
    if not isinstance(headers, dict):
        raise InvalidCallError("the option 'headers' is not an object")
    for name, value in headers.items():
        if not _HEADER.fullmatch(name):
            raise InvalidCallError(
                f"the option 'headers' has the name {shown(name)}; a name must contain a hyphen, "
                "or be traceparent, tracestate or baggage"
            )
        require_value(f"headers.{name}", value)


def _check_signatures(option: str, value: object, allowed_tasks: tuple[str, ...]) -> None:
    if isinstance(value, list):
        for item in value:
            _check_signatures(option, item, allowed_tasks)
    elif value is not None:
        _check_signature(option, value, allowed_tasks)


def _check_signature(option: str, value: object, allowed_tasks: tuple[str, ...]) -> None:
    if not isinstance(value, dict) or not value.keys() <= _FIELDS_OF_A_SIGNATURE:
        raise InvalidCallError(f"the option {shown(option)} is not a signature of Celery")
    task = value.get("task")
    if not isinstance(task, str):
        raise InvalidCallError(f"the option {shown(option)} names no task")
    if (error := permission_error(task, allowed_tasks)) is not None:
        raise InvalidCallError(f"the option {shown(option)} {error}")
    if value.get("subtask_type") and ANY_TASK[0] not in allowed_tasks:
        # The type decides what a worker does with it: a group or a chain calls the tasks in its arguments.
        raise InvalidCallError(f"the option {shown(option)} is a group or a chain, whose tasks cannot be checked")
    options = value.get("options") or {}
    if not isinstance(options, dict):
        raise InvalidCallError(f"the option {shown(option)} has options that are not an object")
    require_accepted(options, _OPTIONS_OF_A_SIGNATURE)
    _check_values(options, allowed_tasks)
