"""The channel to RQ: `rq:package.module.function`."""

from __future__ import annotations

import math
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from rq import Queue
from rq.exceptions import DuplicateJobError

from .allowed_tasks import allowed_tasks_setting
from .call import InvalidCallError
from .channel import TaskQueueChannel
from .options import accepted_options
from .redis_broker import redis_client
from .thread_pool import ThreadPool

if TYPE_CHECKING:
    from ....application.ports.channel_factory import ChannelContext
    from .call import TaskCall

OPTIONS = frozenset({
    "at_front", "description", "failure_ttl", "meta", "queue", "result_ttl", "timeout", "ttl",
})  # fmt: skip
_DOTTED_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")


def create(context: ChannelContext) -> TaskQueueChannel:
    """Returns the channel to the Redis in `POSTDATE_RQ_REDIS_URL`.

    An RQ worker runs any function that a job names, so the allowed ones must be listed in `POSTDATE_RQ_TASKS`.

    Raises:
        ConfigurationError: One of the two variables is not set.
    """
    tasks = allowed_tasks_setting(context, default=None)
    queue = RqQueue(context.setting("POSTDATE_RQ_REDIS_URL"))
    return TaskQueueChannel(queue, context.clock, tasks, _DOTTED_NAME)


class RqQueue:
    """Enqueues unique jobs. RQ keeps one job of an id while it waits, runs, or has a result that is kept."""

    def __init__(self, url: str) -> None:
        self._redis = redis_client(url)
        self._threads = ThreadPool("rq")

    async def enqueue(self, call: TaskCall) -> str:
        """Enqueues a job unless RQ has a job of this id; the returned detail says so."""
        return await self._threads.run(
            partial(self._send, call, accepted_options(call.options, OPTIONS, frozenset({"meta"})))
        )

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._threads.run(self._redis.close)
        self._threads.close()

    def _send(self, call: TaskCall, options: dict[str, Any]) -> str:
        queue = Queue(options.pop("queue", "default"), connection=self._redis)
        if call.time_left is not None:
            options.setdefault("ttl", math.ceil(call.time_left.total_seconds()))
        try:
            queue.enqueue_call(
                call.task, args=call.args, kwargs=dict(call.kwargs), job_id=call.task_id, unique=True, **options
            )
        except DuplicateJobError:
            return "the queue has a job of this id already"
        except (TypeError, ValueError) as error:
            raise InvalidCallError(f"RQ does not accept this job: {error}") from error
        return ""
