"""Turns a message into the call of a task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from ....domain.errors import PostdateError
from ....domain.messages.store_target import RESERVED_PREFIX
from ....domain.time.instant import MILLISECOND

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from ....domain.messages.message import Message

_CALL_FIELDS = frozenset({"args", "kwargs", "options"})
_FIELD_TYPES: Mapping[str, tuple[type, str]] = {
    "args": (list, "an array"),
    "kwargs": (dict, "an object"),
    "options": (dict, "an object"),
}


class InvalidCallError(PostdateError):
    """A message cannot be turned into a call that the queue accepts, now or later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCall:
    """One call of a task.

    Attributes:
        task: The name of the task.
        task_id: The id of the call, the same in every attempt.
        args: The positional arguments.
        kwargs: The keyword arguments.
        options: The options for the queue, such as its name or a priority.
        expires_at: When the call must not be run any more; `None`: it does not expire.
        enqueued_at: The present time.
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
        """How long the call may wait for a worker; `None`: without limit.

        It is at least one millisecond, because queues treat 0 as no limit.
        """
        return None if self.expires_at is None else max(MILLISECOND, self.expires_at - self.enqueued_at)


def task_name(to: str) -> str:
    """Returns the name of the task in a destination: everything after its first colon."""
    return to.partition(":")[2]


def parse_call(message: Message, now: datetime) -> TaskCall:
    """Parses the body of a message as a call.

    An object is a call if it has `args` or `kwargs` or both, and no other field but `options`. Any other body is
    the only positional argument. The id is the option `task_id`, or else the id of the message.

    Raises:
        InvalidCallError: A field of the call has the wrong type.
    """
    body = msgspec.json.decode(message.body)
    call: dict[str, Any] = body if _is_call(body) else {"args": [body]}
    for field, (expected_type, type_name) in _FIELD_TYPES.items():
        if not isinstance(call.get(field, expected_type()), expected_type):
            raise InvalidCallError(f"{field} is not {type_name}")
    options = dict(call.get("options", {}))
    task_id = options.pop("task_id", message.id)
    if not isinstance(task_id, str) or not task_id:
        raise InvalidCallError("the option task_id is not a string")
    if task_id.startswith(RESERVED_PREFIX):
        # Some result backends store the result under the bare id.
        raise InvalidCallError(f"the option task_id begins with {RESERVED_PREFIX}, which is reserved")
    return TaskCall(
        task=task_name(message.to),
        task_id=task_id,
        args=tuple(call.get("args", ())),
        kwargs=call.get("kwargs", {}),
        options=options,
        expires_at=message.expires_at,
        enqueued_at=now,
    )


def _is_call(body: object) -> bool:
    return isinstance(body, dict) and body.keys() <= _CALL_FIELDS and bool(body.keys() & {"args", "kwargs"})
