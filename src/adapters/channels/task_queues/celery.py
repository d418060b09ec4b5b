"""The channel to Celery: `celery:TASK`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from celery import Celery  # type: ignore[import-untyped]  # it has no types

from .channel import TaskQueueChannel, allowed_tasks_setting, known_options
from .thread_pool import BROKER_TIMEOUT_SECONDS, ThreadPool

if TYPE_CHECKING:
    from ....application.ports.channel_factory import ChannelContext
    from .call import TaskCall

OPTIONS = frozenset({
    "chain", "chord", "compression", "delivery_mode", "exchange", "expires", "group_id", "group_index", "headers",
    "ignore_result", "link", "link_error", "origin", "parent_id", "priority", "queue",
    "replaced_task_nesting", "reply_to", "retries", "root_id", "routing_key", "serializer", "shadow",
    "soft_time_limit", "time_limit",
})  # fmt: skip
"""The options of `Task.apply_async` that JSON can carry, except `eta` and `countdown`."""

# Postdate tries a failed message again. kombu's own retries would block one of the few threads for minutes.
_ONE_RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
_REDIS_TIMEOUTS = {
    "socket_timeout": BROKER_TIMEOUT_SECONDS,
    "socket_connect_timeout": BROKER_TIMEOUT_SECONDS,
}


def create(context: ChannelContext) -> TaskQueueChannel:
    """Returns the channel to the broker in `POSTDATE_CELERY_BROKER`. It needs none of the tasks' code.

    Raises:
        ConfigurationError: The variable is not set.
    """
    queue = CeleryQueue(context.setting("POSTDATE_CELERY_BROKER"))
    return TaskQueueChannel(queue, context.clock, allowed_tasks_setting(context))


class CeleryQueue:
    """Sends tasks by name. Celery cannot detect an id that was sent before: a retry may send a task twice."""

    def __init__(self, broker: str) -> None:
        self._app = Celery("postdate", broker=broker, set_as_current=False)
        is_redis = broker.startswith(("redis", "valkey", "unix", "sentinel"))
        self._app.conf.broker_transport_options = _ONE_RETRY | (_REDIS_TIMEOUTS if is_redis else {})
        self._app.conf.broker_connection_timeout = BROKER_TIMEOUT_SECONDS
        self._threads = ThreadPool("celery")

    async def enqueue(self, call: TaskCall) -> str:
        """Sends a task to the broker."""
        await self._threads.run(partial(self._send, call, known_options(call, OPTIONS)))
        return ""

    async def aclose(self) -> None:
        """Closes the connections to the broker."""
        await self._threads.run(self._app.close)
        self._threads.close()

    def _send(self, call: TaskCall, options: dict[str, Any]) -> None:
        options.setdefault("expires", call.expires_at)
        self._app.send_task(call.task, call.args, call.kwargs, task_id=call.task_id, retry=False, **options)
