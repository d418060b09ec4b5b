"""The channel to Dramatiq: `dramatiq:ACTOR`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dramatiq import Message

from ....domain.time.instant import MILLISECOND
from .channel import TaskQueueChannel, allowed_tasks
from .redis_broker import client_of
from .threads import Threads

if TYPE_CHECKING:
    from dramatiq import Broker

    from ....application.ports.channel_factory import ChannelContext
    from .call import Call


def create(context: ChannelContext) -> TaskQueueChannel:
    """Returns the channel to the broker in `POSTDATE_DRAMATIQ_BROKER`: Redis, or RabbitMQ where pika is there."""
    queue = DramatiqQueue(_broker(context.setting("POSTDATE_DRAMATIQ_BROKER")))
    return TaskQueueChannel(queue, context.clock, allowed_tasks(context))


def _broker(url: str) -> Broker:
    if url.startswith("amqp"):
        from dramatiq.brokers.rabbitmq import RabbitmqBroker  # noqa: PLC0415  # needs pika, which Redis does not

        return RabbitmqBroker(url=url, middleware=[])
    from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415  # needs nothing of the other

    broker: Broker = RedisBroker(client=client_of(url), middleware=[])  # type: ignore[no-untyped-call]  # it has none
    return broker


class DramatiqQueue:
    """Enqueues a message. Dramatiq cannot tell that an id was enqueued before: a retry may enqueue it twice."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._threads = Threads("dramatiq")

    async def enqueue(self, call: Call) -> str:
        """Enqueues it; every option but `queue` becomes one of the message."""
        await self._threads.run(partial(self._send, call))
        return ""

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._threads.run(self._broker.close)
        self._threads.close()

    def _send(self, call: Call) -> None:
        options = dict(call.options)
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
