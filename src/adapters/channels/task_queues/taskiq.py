"""The channel to Taskiq: `taskiq:TASK`."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any

from taskiq import AsyncBroker
from taskiq.exceptions import SendTaskError
from taskiq.kicker import AsyncKicker

from ....domain.errors import ConfigurationError
from .channel import TaskQueueChannel, allowed_tasks

if TYPE_CHECKING:
    from ....application.ports.channel_factory import ChannelContext
    from .call import Call

VARIABLE = "POSTDATE_TASKIQ_BROKER"


def create(context: ChannelContext) -> TaskQueueChannel:
    """Returns the channel to the broker that `POSTDATE_TASKIQ_BROKER` names: `module:variable`, as for workers.

    Raises:
        ConfigurationError: there is no broker.
    """
    queue = TaskiqQueue(_broker(context.setting(VARIABLE)))
    return TaskQueueChannel(queue, context.clock, allowed_tasks(context))


def _broker(path: str) -> AsyncBroker:
    module, _, variable = path.partition(":")
    broker = getattr(import_module(module), variable, None) if variable else None
    if not isinstance(broker, AsyncBroker):
        raise ConfigurationError(VARIABLE, f"is {path!r}, which is no broker of Taskiq; write module:variable")
    return broker


class TaskiqQueue:
    """Kicks a task. Taskiq cannot tell that an id was kicked before: a retry may kick it twice."""

    def __init__(self, broker: AsyncBroker) -> None:
        self._broker = broker
        self._starting = asyncio.Lock()
        self._started = False

    async def enqueue(self, call: Call) -> str:
        """Kicks it; every option but `queue` becomes a label, and that one the label `queue_name`."""
        labels = dict(call.options)
        if "queue" in labels:
            labels["queue_name"] = labels.pop("queue")
        await self._start()
        kicker: AsyncKicker[Any, Any] = AsyncKicker(call.task, self._broker, labels)
        try:
            await kicker.with_task_id(call.task_id).kiq(*call.args, **call.kwargs)
        except SendTaskError as error:  # it says nothing of what happened
            raise error.__cause__ or error from None
        return ""

    async def aclose(self) -> None:
        """Has the broker let go of its connections."""
        if self._started:
            await self._broker.shutdown()

    async def _start(self) -> None:
        async with self._starting:
            if not self._started:
                await self._broker.startup()
                self._started = True
