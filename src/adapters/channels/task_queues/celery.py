"""The channel to Celery: `celery:TASK`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from celery import Celery  # type: ignore[import-untyped]  # it has no types

from .allowed_tasks import ANY_TASK, allowed_tasks_setting
from .celery_options import SERIALIZER, celery_options
from .channel import TaskQueueChannel
from .thread_pool import BROKER_TIMEOUT_SECONDS, ThreadPool

if TYPE_CHECKING:
    from ....application.ports.channel_factory import ChannelContext
    from .call import TaskCall

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
    tasks = allowed_tasks_setting(context)
    queue = CeleryQueue(context.setting("POSTDATE_CELERY_BROKER"), tasks)
    return TaskQueueChannel(queue, context.clock, tasks)


class CeleryQueue:
    """Sends tasks by name. Celery cannot detect an id that was sent before: a retry may send a task twice."""

    def __init__(self, broker: str, allowed_tasks: tuple[str, ...] = ANY_TASK) -> None:
        """Creates a client that connects when it is first used.

        Args:
            broker: The URL of the broker.
            allowed_tasks: Patterns of the tasks that the options of a call may name.
        """
        self._allowed_tasks = allowed_tasks
        self._app = Celery("postdate", broker=broker, set_as_current=False)
        is_redis = broker.startswith(("redis", "valkey", "unix", "sentinel"))
        self._app.conf.broker_transport_options = _ONE_RETRY | (_REDIS_TIMEOUTS if is_redis else {})
        self._app.conf.broker_connection_timeout = BROKER_TIMEOUT_SECONDS
        self._threads = ThreadPool("celery")

    async def enqueue(self, call: TaskCall) -> str:
        """Sends a task to the broker."""
        await self._threads.run(partial(self._send, call, celery_options(call.options, self._allowed_tasks)))
        return ""

    async def aclose(self) -> None:
        """Closes the connections to the broker."""
        await self._threads.run(self._app.close)
        self._threads.close()

    def _send(self, call: TaskCall, options: dict[str, Any]) -> None:
        options.setdefault("expires", call.expires_at)
        options["serializer"] = SERIALIZER
        self._app.send_task(call.task, call.args, call.kwargs, task_id=call.task_id, retry=False, **options)
