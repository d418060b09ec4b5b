"""The channel to Taskiq: `taskiq:TASK`."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any

from taskiq import AsyncBroker
from taskiq.exceptions import SendTaskError
from taskiq.kicker import AsyncKicker

from ....domain.errors import ConfigurationError
from .allowed_tasks import allowed_tasks_setting
from .channel import TaskQueueChannel
from .options import accepted_options

if TYPE_CHECKING:
    from ....application.ports.channel_factory import ChannelContext
    from .call import TaskCall

BROKER_VARIABLE = "POSTDATE_TASKIQ_BROKER"
OPTIONS = frozenset({"delay", "max_retries", "priority", "queue", "queue_name", "retry_on_error", "timeout"})
"""The labels that are accepted. Others, such as those of pipelines, make a worker call other tasks."""


def create(context: ChannelContext) -> TaskQueueChannel:
    """Returns the channel to the broker in `POSTDATE_TASKIQ_BROKER`: `module:variable`, as for a Taskiq worker.

    Raises:
        ConfigurationError: The variable is not set, or does not name a broker.
    """
    queue = TaskiqQueue(_import_broker(context.setting(BROKER_VARIABLE)))
    return TaskQueueChannel(queue, context.clock, allowed_tasks_setting(context))


def _import_broker(path: str) -> AsyncBroker:
    module, _, variable = path.partition(":")
    broker = getattr(import_module(module), variable, None) if variable else None
    if not isinstance(broker, AsyncBroker):
        raise ConfigurationError(
            BROKER_VARIABLE, f"is {path!r}, which is not a Taskiq broker; write module:variable"
        )
    return broker


class TaskiqQueue:
    """Kicks tasks. Taskiq cannot detect an id that was kicked before: a retry may kick a task twice."""

    def __init__(self, broker: AsyncBroker) -> None:
        self._broker = broker
        self._starting = asyncio.Lock()
        self._started = False

    async def enqueue(self, call: TaskCall) -> str:
        """Kicks a task. Each option becomes a label of its name; the label of `queue` is `queue_name`."""
        labels = accepted_options(call.options, OPTIONS)
        if "queue" in labels:
            labels["queue_name"] = labels.pop("queue")
        await self._start()
        kicker: AsyncKicker[Any, Any] = AsyncKicker(call.task, self._broker, labels)
        try:
            await kicker.with_task_id(call.task_id).kiq(*call.args, **call.kwargs)
        except SendTaskError as error:  # its own text does not say what happened
            raise error.__cause__ or error from None
        return ""

    async def aclose(self) -> None:
        """Shuts the broker down if it was started."""
        if self._started:
            await self._broker.shutdown()

    async def _start(self) -> None:
        async with self._starting:
            if not self._started:
                await self._broker.startup()
                self._started = True
