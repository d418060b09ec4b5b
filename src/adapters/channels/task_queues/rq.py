"""The channel to RQ: `rq:package.module.function`."""

from __future__ import annotations

import math
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from rq import Queue
from rq.exceptions import DuplicateJobError

from .call import UncallableError
from .channel import TaskQueueChannel, allowed_tasks, take_options
from .redis_broker import client_of
from .threads import Threads

if TYPE_CHECKING:
    from ....application.ports.channel_factory import ChannelContext
    from .call import Call

OPTIONS = frozenset({
    "at_front", "description", "failure_ttl", "meta", "queue", "result_ttl", "timeout", "ttl",
})  # fmt: skip
_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")


def create(context: ChannelContext) -> TaskQueueChannel:
    """Returns the channel to the Redis in `POSTDATE_RQ_REDIS_URL`.

    A worker of RQ runs whatever function it is told, so those that may be called have to be named:
    `POSTDATE_RQ_TASKS`.
    """
    tasks = allowed_tasks(context, default=None)
    queue = RqQueue(context.setting("POSTDATE_RQ_REDIS_URL"))
    return TaskQueueChannel(queue, context.clock, tasks, _DOTTED)


class RqQueue:
    """Enqueues a unique job: RQ keeps one of an id as long as it waits, runs, or its result is kept."""

    def __init__(self, url: str) -> None:
        self._redis = client_of(url)
        self._threads = Threads("rq")

    async def enqueue(self, call: Call) -> str:
        """Enqueues it, unless that was done before."""
        return await self._threads.run(partial(self._send, call, take_options(call, OPTIONS)))

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._threads.run(self._redis.close)
        self._threads.close()

    def _send(self, call: Call, options: dict[str, Any]) -> str:
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
            raise UncallableError(f"RQ takes no such job: {error}") from error
        return ""
