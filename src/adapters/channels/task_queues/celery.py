"""The channel to Celery: `celery:TASK`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from celery import Celery  # type: ignore[import-untyped]  # it carries no types

from .channel import TaskQueueChannel, allowed_tasks, take_options
from .threads import BLOCKED_AT_MOST_SECONDS, Threads

if TYPE_CHECKING:
    from ....application.ports.channel_factory import ChannelContext
    from .call import Call

OPTIONS = frozenset({
    "chain", "chord", "compression", "delivery_mode", "exchange", "expires", "group_id", "group_index", "headers",
    "ignore_result", "link", "link_error", "origin", "parent_id", "priority", "queue",
    "replaced_task_nesting", "reply_to", "retries", "root_id", "routing_key", "serializer", "shadow",
    "soft_time_limit", "time_limit",
})  # fmt: skip
"""Those of `Task.apply_async` that JSON can carry, without those of time."""

# Postdate tries again by itself; kombu alone would go on for minutes, in one of few threads.
_TRY_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
_REDIS = {"socket_timeout": BLOCKED_AT_MOST_SECONDS, "socket_connect_timeout": BLOCKED_AT_MOST_SECONDS}


def create(context: ChannelContext) -> TaskQueueChannel:
    """Returns the channel to the broker in `POSTDATE_CELERY_BROKER`. It needs no code of the tasks."""
    queue = CeleryQueue(context.setting("POSTDATE_CELERY_BROKER"))
    return TaskQueueChannel(queue, context.clock, allowed_tasks(context))


class CeleryQueue:
    """Sends a task by its name. Celery cannot tell that an id was sent before: a retry may send it twice."""

    def __init__(self, broker: str) -> None:
        self._app = Celery("postdate", broker=broker, set_as_current=False)
        redis = _REDIS if broker.startswith(("redis", "valkey", "unix", "sentinel")) else {}
        self._app.conf.broker_transport_options = _TRY_ONCE | redis
        self._app.conf.broker_connection_timeout = BLOCKED_AT_MOST_SECONDS
        self._threads = Threads("celery")

    async def enqueue(self, call: Call) -> str:
        """Sends it to the broker."""
        await self._threads.run(partial(self._send, call, take_options(call, OPTIONS)))
        return ""

    async def aclose(self) -> None:
        """Closes the connections to the broker."""
        await self._threads.run(self._app.close)
        self._threads.close()

    def _send(self, call: Call, options: dict[str, Any]) -> None:
        options.setdefault("expires", call.expires_at)
        self._app.send_task(call.task, call.args, call.kwargs, task_id=call.task_id, retry=False, **options)
