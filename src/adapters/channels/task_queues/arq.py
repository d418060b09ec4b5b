"""The channel to arq: `arq:FUNCTION`.

arq's own client needs a redis-py version that Postdate cannot use. So this module writes the jobs itself, as
`ArqRedis.enqueue_job` of arq 0.28 writes them by default.
"""

from __future__ import annotations

import pickle
from datetime import timedelta
from typing import TYPE_CHECKING

from redis.exceptions import WatchError

from ....domain.time.instant import to_ms
from .allowed_tasks import allowed_tasks_setting
from .call import InvalidCallError
from .channel import TaskQueueChannel
from .options import accepted_options
from .redis_broker import async_redis_client

if TYPE_CHECKING:
    from ....application.ports.channel_factory import ChannelContext
    from .call import TaskCall

OPTIONS = frozenset({"queue"})
DEFAULT_QUEUE = "arq:queue"
_JOB_TTL = timedelta(days=1)
"""How long a job waits for a worker, unless its message expires earlier."""


def create(context: ChannelContext) -> TaskQueueChannel:
    """Returns the channel to the Redis in `POSTDATE_ARQ_REDIS_URL`.

    Raises:
        ConfigurationError: The variable is not set.
    """
    queue = ArqQueue(context.setting("POSTDATE_ARQ_REDIS_URL"))
    return TaskQueueChannel(queue, context.clock, allowed_tasks_setting(context))


class ArqQueue:
    """Enqueues jobs. arq keeps one job of an id while it waits, runs, or has a result that is kept."""

    def __init__(self, url: str) -> None:
        self._redis = async_redis_client(url)

    async def enqueue(self, call: TaskCall) -> str:
        """Enqueues a job unless arq has a job of this id; the returned detail says so."""
        queue = accepted_options(call.options, OPTIONS).get("queue", DEFAULT_QUEUE)
        if not isinstance(queue, str):
            raise InvalidCallError("the option queue is not a string")
        return "" if await self._add(queue, call) else "the queue has a job of this id already"

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._redis.aclose()

    async def _add(self, queue: str, call: TaskCall) -> bool:
        key = f"arq:job:{call.task_id}"
        async with self._redis.pipeline(transaction=True) as pipe:
            await pipe.watch(key)
            if await pipe.exists(key, f"arq:result:{call.task_id}"):
                return False
            pipe.multi()  # type: ignore[no-untyped-call]  # it has no types
            pipe.set(key, _encode_job(call), px=call.time_left or _JOB_TTL)
            pipe.zadd(queue, {call.task_id: to_ms(call.enqueued_at)})
            try:
                await pipe.execute()
            except WatchError:
                return False
        return True


def _encode_job(call: TaskCall) -> bytes:
    return pickle.dumps(
        {
            "t": None,
            "f": call.task,
            "a": call.args,
            "k": dict(call.kwargs),
            "et": to_ms(call.enqueued_at),
        }
    )
