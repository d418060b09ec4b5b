"""The channel to Dramatiq: `dramatiq:ACTOR`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from dramatiq import Message

from ....domain.time.instant import MILLISECOND
from .allowed_tasks import allowed_tasks_setting
from .channel import TaskQueueChannel
from .options import accepted_options
from .redis_broker import redis_client
from .thread_pool import ThreadPool

if TYPE_CHECKING:
    from dramatiq import Broker

    from ....application.ports.channel_factory import ChannelContext
    from .call import TaskCall

OPTIONS = frozenset({
    "broker_priority", "max_age", "max_backoff", "max_retries", "min_backoff", "notify_shutdown", "queue",
    "result_ttl", "store_results", "time_limit",
})  # fmt: skip
"""The options that are accepted. Others, such as `on_success`, make a worker call other actors."""


def create(context: ChannelContext) -> TaskQueueChannel:
    """Returns the channel to the broker in `POSTDATE_DRAMATIQ_BROKER`: Redis, or RabbitMQ if pika is installed.

    Raises:
        ConfigurationError: The variable is not set.
    """
    queue = DramatiqQueue(_create_broker(context.setting("POSTDATE_DRAMATIQ_BROKER")))
    return TaskQueueChannel(queue, context.clock, allowed_tasks_setting(context))


def _create_broker(url: str) -> Broker:
    if url.startswith("amqp"):
        from dramatiq.brokers.rabbitmq import RabbitmqBroker  # noqa: PLC0415  # it needs pika, which Redis does not

        return RabbitmqBroker(url=url, middleware=[])
    from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415  # likewise, RabbitMQ does not need redis-py

    broker: Broker = RedisBroker(client=redis_client(url), middleware=[])  # type: ignore[no-untyped-call]  # it has no types
    return broker


class DramatiqQueue:
    """Enqueues messages. Dramatiq cannot detect an id that was enqueued before: a retry may enqueue it twice."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._threads = ThreadPool("dramatiq")

    async def enqueue(self, call: TaskCall) -> str:
        """Enqueues a message. Each option except `queue` becomes an option of the Dramatiq message."""
        await self._threads.run(partial(self._send, call, accepted_options(call.options, OPTIONS)))
        return ""

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._threads.run(self._broker.close)
        self._threads.close()

    def _send(self, call: TaskCall, options: dict[str, Any]) -> None:
        queue = str(options.pop("queue", "default"))
        if call.time_left is not None:
            options.setdefault("max_age", call.time_left // MILLISECOND)
        self._broker.declare_queue(queue)
        self._broker.enqueue(
            Message(
                queue_name=queue,
                actor_name=call.task,
                args=call.args,
                kwargs=dict(call.kwargs),
                options=options,
                message_id=call.task_id,
            )
        )
