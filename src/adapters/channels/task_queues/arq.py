"""The channel to arq: `arq:FUNCTION`.

arq's own client wants a redis-py that Postdate cannot work with, so its jobs are written here, as
`ArqRedis.enqueue_job` of arq 0.28 writes them by default.
"""

from __future__ import annotations

import pickle
from datetime import timedelta
from typing import TYPE_CHECKING

from redis.exceptions import WatchError

from ....domain.time.instant import to_ms
from .call import UncallableError
from .channel import TaskQueueChannel, allowed_tasks, take_options
from .redis_broker import async_client_of

if TYPE_CHECKING:
    from ....application.ports.channel_factory import ChannelContext
    from .call import Call

OPTIONS = frozenset({"queue"})
DEFAULT_QUEUE = "arq:queue"
_KEPT_FOR = timedelta(days=1)
"""How long a job waits for a worker, unless its message expires earlier."""


def create(context: ChannelContext) -> TaskQueueChannel:
    """Returns the channel to the Redis in `POSTDATE_ARQ_REDIS_URL`."""
    queue = ArqQueue(context.setting("POSTDATE_ARQ_REDIS_URL"))
    return TaskQueueChannel(queue, context.clock, allowed_tasks(context))


class ArqQueue:
    """Enqueues a job: arq keeps one of an id as long as it waits, runs, or its result is kept."""

    def __init__(self, url: str) -> None:
        self._redis = async_client_of(url)

    async def enqueue(self, call: Call) -> str:
        """Enqueues it, unless that was done before."""
        queue = take_options(call, OPTIONS).get("queue", DEFAULT_QUEUE)
        if not isinstance(queue, str):
            raise UncallableError("the option queue is not a string")
        return "" if await self._add(queue, call) else "the queue has a job of this id already"

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._redis.aclose()

    async def _add(self, queue: str, call: Call) -> bool:
        key = f"arq:job:{call.task_id}"
        async with self._redis.pipeline(transaction=True) as pipe:
            await pipe.watch(key)
            if await pipe.exists(key, f"arq:result:{call.task_id}"):
                return False
            pipe.multi()  # type: ignore[no-untyped-call]  # it has no types
            pipe.set(key, _job_of(call), px=call.time_left or _KEPT_FOR)
            pipe.zadd(queue, {call.task_id: to_ms(call.enqueued_at)})
            try:
                await pipe.execute()
            except WatchError:
                return False
        return True


def _job_of(call: Call) -> bytes:
    return pickle.dumps(
        {
            "t": None,
            "f": call.task,
            "a": call.args,
            "k": dict(call.kwargs),
            "et": to_ms(call.enqueued_at),
        }
    )
