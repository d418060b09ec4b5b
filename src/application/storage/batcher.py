"""Combines concurrent calls into batches."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ...domain.messages.message import Message

R = TypeVar("R")


class Batcher(Generic[R]):
    """Sends the calls that arrive while a batch is being sent together as the next batch, in their order.

    A call that arrives alone is sent at once. A cancelled call may still be sent.

    Attributes:
        waiting_messages: The number of messages that wait for the next batch.
    """

    def __init__(
        self,
        send: Callable[[Sequence[Message]], Awaitable[R]],
        part_of: Callable[[R, Sequence[Message]], R],
        max_messages: int,
    ) -> None:
        """Creates a batcher.

        Args:
            send: Sends one batch and returns its result.
            part_of: Returns the part of a batch's result that concerns the messages of one call.
            max_messages: The size of a batch. A single call may be larger.
        """
        self._send = send
        self._part_of = part_of
        self._max_messages = max_messages
        self._sending = False
        self._waiting: deque[tuple[Sequence[Message], asyncio.Future[R]]] = deque()
        self._sender: asyncio.Task[None] | None = None
        self.waiting_messages = 0

    async def __call__(self, messages: Sequence[Message]) -> R:
        """Returns the part of the batch's result that concerns these messages; raises the error of the batch."""
        if self._sending:
            return await self._enqueue(messages)
        self._sending = True
        try:
            return await self._send(messages)
        finally:
            self._sending = bool(self._waiting)
            if self._sending:
                self._start_next()

    def _enqueue(self, messages: Sequence[Message]) -> asyncio.Future[R]:
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((messages, result))
        self.waiting_messages += len(messages)
        return result

    def _start_next(self) -> None:
        """Sends the waiting calls in a task of the batcher, so that no caller's cancellation ends the batch.

        The task starts after the callers that were just answered have continued. A caller that calls again at
        once is therefore in the next batch. Otherwise, 64 concurrent callers would alternate between batches of 1
        and of 63: twice as many round trips.
        """
        self._sender = asyncio.create_task(self._send_waiting())

    async def _send_waiting(self) -> None:
        calls = self._take_batch()
        if not calls:
            self._sending = False
            return
        try:
            result = await self._send([message for messages, _ in calls for message in messages])
        except BaseException as error:  # noqa: BLE001  # each caller gets the error; this task must go on
            for _, future in calls:
                if not future.done():
                    future.set_exception(error)
        else:
            for messages, future in calls:
                if not future.done():
                    future.set_result(self._part_of(result, messages))
        finally:
            self._start_next()

    def _take_batch(self) -> Sequence[tuple[Sequence[Message], asyncio.Future[R]]]:
        """Returns the next calls that fit into a batch, without those that were cancelled."""
        calls: list[tuple[Sequence[Message], asyncio.Future[R]]] = []
        count = 0
        while self._waiting and (not calls or count + len(self._waiting[0][0]) <= self._max_messages):
            messages, future = self._waiting.popleft()
            self.waiting_messages -= len(messages)
            if not future.done():
                calls.append((messages, future))
                count += len(messages)
        return calls
