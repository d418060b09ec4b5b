"""What the channels to task queues share."""

from __future__ import annotations

import asyncio
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol

from ....domain.errors import InvalidDestinationError
from ....domain.messages.outcome import Delivered, Failed
from ..error_reason import reason_of
from ..one_by_one import one_by_one
from .call import UncallableError, call_of, task_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from ....application.ports.channel_factory import ChannelContext
    from ....application.ports.clock import Clock
    from ....application.ports.delivery_channel import Batch
    from ....domain.ids import MessageId
    from ....domain.messages.message import Message
    from ....domain.messages.outcome import Outcome
    from .call import Call

CONCURRENCY = 64
"""How many calls may be enqueued at once; tasks share them fairly."""
ENQUEUED_WITHIN_SECONDS = 30.0

WORD = re.compile(r"[^\s\x00-\x1f\x7f]+")
"""What the name of a task looks like in most queues."""
ANYTHING = ("*",)


class TaskQueue(Protocol):
    """A task queue, as its own library has it."""

    async def enqueue(self, call: Call) -> str:
        """Enqueues a call to be run at once, and returns what is worth telling of it, or nothing.

        Raises:
            UncallableError: it cannot be enqueued like this, and never will.
        """
        ...

    async def aclose(self) -> None:
        """Lets go of its connections."""
        ...


class TaskQueueChannel:
    """Enqueues each message as the call of a task, under an id that is the same in every attempt."""

    def __init__(
        self,
        queue: TaskQueue,
        clock: Clock,
        tasks: tuple[str, ...] = ANYTHING,
        name: re.Pattern[str] = WORD,
    ) -> None:
        """Takes the queue.

        Args:
            queue: where the calls go.
            clock: whose time it is when a call is enqueued.
            tasks: patterns, of which a task's name must match one.
            name: what the name of a task looks like.
        """
        self._queue = queue
        self._tasks = tasks
        self._name = name
        self._clock = clock
        self._channel = one_by_one(self._deliver, CONCURRENCY, clock)

    async def check(self, to: str) -> None:
        """Refuses what is no task's name, and a task that may not be called."""
        fault = self._malformed(to) or self._forbidden(to)
        if fault is not None:
            raise InvalidDestinationError(fault)

    def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Enqueues a batch, several at once."""
        return self._channel.deliver(batch)

    async def aclose(self) -> None:
        """Lets the queue let go of its connections."""
        await self._queue.aclose()

    async def _deliver(self, message: Message) -> Outcome:
        if (fault := self._malformed(message.to)) is not None:
            return Failed(reason=f"the destination {fault}", permanent=True)
        if (fault := self._forbidden(message.to)) is not None:
            return Failed(reason=f"the destination {fault}")
        try:
            async with asyncio.timeout(ENQUEUED_WITHIN_SECONDS):
                return Delivered(detail=await self._queue.enqueue(call_of(message, self._clock.now())))
        except UncallableError as error:
            return Failed(reason=str(error), permanent=True)
        except Exception as error:  # noqa: BLE001  # whatever a client library raises, the message is tried again
            return Failed(reason=reason_of(error))

    def _malformed(self, to: str) -> str | None:
        return None if self._name.fullmatch(task_of(to)) else "has no name of a task behind its colon"

    def _forbidden(self, to: str) -> str | None:
        if any(fnmatchcase(task_of(to), pattern) for pattern in self._tasks):
            return None
        return f"names a task that is none of those that may be called: {', '.join(self._tasks)}"


def allowed_tasks(context: ChannelContext, default: str | None = "*") -> tuple[str, ...]:
    """Returns the patterns of the tasks that may be called: `POSTDATE_CELERY_TASKS`, comma-separated.

    Raises:
        ConfigurationError: it is not set, and there is no default.
    """
    patterns = context.setting(f"POSTDATE_{context.scheme.upper()}_TASKS", default)
    return tuple(pattern.strip() for pattern in patterns.split(",") if pattern.strip())


def take_options(call: Call, known: frozenset[str]) -> dict[str, object]:
    """Returns the options of a call as a dictionary of the caller's own.

    Raises:
        UncallableError: it has one that is not known.
    """
    unknown = sorted(call.options.keys() - known)
    if unknown:
        raise UncallableError(
            f"there is no option {unknown[0]!r:.80}; known are: task_id, {', '.join(sorted(known))}"
        )
    return dict(call.options)
