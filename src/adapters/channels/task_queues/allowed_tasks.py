"""Which tasks may be called: the variables `POSTDATE_CELERY_TASKS` and the like."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ....application.ports.channel_factory import ChannelContext

ANY_TASK = ("*",)

_CALLING_OTHERS = frozenset({
    "celery.accumulate", "celery.chain", "celery.chord", "celery.chord_unlock", "celery.chunks", "celery.group",
    "celery.map", "celery.starmap",
})  # fmt: skip
"""The tasks that every Celery worker has and that call the tasks which their arguments name."""


def is_allowed(task: str, patterns: tuple[str, ...]) -> bool:
    """Returns whether a task may be called: its name matches a pattern (as in `fnmatch`).

    A task that calls the tasks which its arguments name would bypass every other pattern. It is allowed only if
    every task is, or if the list contains its name itself.
    """
    if task in _CALLING_OTHERS:
        return task in patterns or "*" in patterns
    return any(fnmatchcase(task, pattern) for pattern in patterns)


def permission_error(task: str, patterns: tuple[str, ...]) -> str | None:
    """Returns an error text that begins with a verb if a task may not be called."""
    if is_allowed(task, patterns):
        return None
    return f"names a task that may not be called; allowed are: {', '.join(patterns)}"


def allowed_tasks_setting(context: ChannelContext, default: str | None = "*") -> tuple[str, ...]:
    """Returns the patterns of the tasks that may be called, from a variable such as `POSTDATE_CELERY_TASKS`.

    The variable is a comma-separated list.

    Raises:
        ConfigurationError: The variable is not set, and there is no default.
    """
    patterns = context.setting(f"POSTDATE_{context.scheme.upper()}_TASKS", default)
    return tuple(pattern.strip() for pattern in patterns.split(",") if pattern.strip())
