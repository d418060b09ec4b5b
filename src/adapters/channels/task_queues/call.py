"""The call of a task that a message stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from ....domain.errors import PostdateError
from ....domain.time.instant import MILLISECOND

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from ....domain.messages.message import Message

_CALL = frozenset({"args", "kwargs", "options"})
_SHAPES: Mapping[str, tuple[type, str]] = {
    "args": (list, "an array"),
    "kwargs": (dict, "an object"),
    "options": (dict, "an object"),
}


class UncallableError(PostdateError):
    """A message that stands for no call, and never will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a task.

    Attributes:
        task: its name.
        task_id: the same in every attempt.
        args: its positional arguments.
        kwargs: its keyword arguments.
        options: how it is enqueued.
        expires_at: when it is not to be run any more.
        enqueued_at: the present.
    """

    task: str
    task_id: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    options: Mapping[str, Any]
    expires_at: datetime | None
    enqueued_at: datetime

    @property
    def time_left(self) -> timedelta | None:
        """How long it may wait for a worker: a millisecond at least, as queues take none for no limit."""
        return None if self.expires_at is None else max(MILLISECOND, self.expires_at - self.enqueued_at)


def task_of(to: str) -> str:
    """Returns the name of the task that a destination names: all that stands behind its first colon."""
    return to.partition(":")[2]


def call_of(message: Message, now: datetime) -> Call:
    """Returns the call that a message stands for, now.

    An object that has `args` or `kwargs`, and nothing beside them but `options`, is the call. Any other body is
    the one positional argument. The id is that of the message, or the option `task_id`.

    Raises:
        UncallableError: a part of the call has the wrong type.
    """
    body = msgspec.json.decode(message.body)
    call: dict[str, Any] = body if _is_call(body) else {"args": [body]}
    for part, (kind, name) in _SHAPES.items():
        if not isinstance(call.get(part, kind()), kind):
            raise UncallableError(f"{part} is not {name}")
    options = dict(call.get("options", {}))
    task_id = options.pop("task_id", message.id)
    if not isinstance(task_id, str) or not task_id:
        raise UncallableError("the option task_id is not a string")
    return Call(
        task=task_of(message.to),
        task_id=task_id,
        args=tuple(call.get("args", ())),
        kwargs=call.get("kwargs", {}),
        options=options,
        expires_at=message.expires_at,
        enqueued_at=now,
    )


def _is_call(body: object) -> bool:
    return isinstance(body, dict) and body.keys() <= _CALL and bool(body.keys() & {"args", "kwargs"})
