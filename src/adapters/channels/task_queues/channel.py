"""The channel to any task queue: it checks task names and turns each message into a call."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Protocol

from ....domain.errors import InvalidDestinationError
from ....domain.messages.outcome import Delivered, Failed
from ..error_text import describe_error
from ..one_by_one import one_by_one
from .allowed_tasks import ANY_TASK, permission_error
from .call import InvalidCallError, parse_call, task_name

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from ....application.ports.clock import Clock
    from ....application.ports.delivery_channel import Batch
    from ....domain.ids import MessageId
    from ....domain.messages.message import Message
    from ....domain.messages.outcome import Outcome
    from .call import TaskCall

CONCURRENCY = 64
"""How many calls may be enqueued at the same time. The fair limiter shares them among the tasks."""
ENQUEUE_TIMEOUT_SECONDS = 30.0

TASK_NAME = re.compile(r"[^\s\x00-\x1f\x7f]+")
"""A valid task name for most queues: no white space and no control character."""


class TaskQueue(Protocol):
    """A task queue, through its own library."""

    async def enqueue(self, call: TaskCall) -> str:
        """Enqueues a call that may run at once. Returns a detail for the message's timeline, or an empty string.

        Raises:
            InvalidCallError: The queue will never accept this call.
        """
        ...

    async def aclose(self) -> None:
        """Closes the connections."""
        ...


class TaskQueueChannel:
    """Enqueues each message as the call of a task. All attempts of a message have the same task id."""

    def __init__(
        self,
        queue: TaskQueue,
        clock: Clock,
        allowed_tasks: tuple[str, ...] = ANY_TASK,
        valid_name: re.Pattern[str] = TASK_NAME,
    ) -> None:
        """Creates a channel to a queue.

        Args:
            queue: The queue that receives the calls.
            clock: The clock for the time at which a call is enqueued.
            allowed_tasks: Patterns of task names (as in `fnmatch`); a name must match one of them.
            valid_name: The form of a task name.
        """
        self._queue = queue
        self._allowed_tasks = allowed_tasks
        self._valid_name = valid_name
        self._clock = clock
        self._channel = one_by_one(self._deliver, CONCURRENCY, clock)

    async def check(self, to: str) -> None:
        """Checks that a destination names a task that may be called.

        Raises:
            InvalidDestinationError: It names no task, or a task that is not allowed.
        """
        error = self._name_error(to) or self._permission_error(to)
        if error is not None:
            raise InvalidDestinationError(error)

    def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Enqueues a batch, several calls at the same time."""
        return self._channel.deliver(batch)

    async def aclose(self) -> None:
        """Closes the connections of the queue."""
        await self._queue.aclose()

    async def _deliver(self, message: Message) -> Outcome:
        if (error_text := self._name_error(message.to)) is not None:
            return Failed(reason=f"the destination {error_text}", permanent=True)
        if (error_text := self._permission_error(message.to)) is not None:
            return Failed(reason=f"the destination {error_text}")
        try:
            async with asyncio.timeout(ENQUEUE_TIMEOUT_SECONDS):
                return Delivered(detail=await self._queue.enqueue(parse_call(message, self._clock.now())))
        except InvalidCallError as error:
            return Failed(reason=str(error), permanent=True)
        except Exception as error:  # noqa: BLE001  # a client library may raise anything; the message is tried again
            return Failed(reason=describe_error(error))

    def _name_error(self, to: str) -> str | None:
        return None if self._valid_name.fullmatch(task_name(to)) else "has no task name after its colon"

    def _permission_error(self, to: str) -> str | None:
        return permission_error(task_name(to), self._allowed_tasks)
