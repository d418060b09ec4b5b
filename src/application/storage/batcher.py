"""Calls that become one where they come together."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ...domain.messages.message import Message

A = TypeVar("A")


class Batcher(Generic[A]):
    """Makes the calls that arrive while one is under way into the next one, in their order.

    A lone call goes straight through. Whoever gives up while it waits may have been served all the same.
    """

    def __init__(
        self,
        send: Callable[[Sequence[Message]], Awaitable[A]],
        part_of: Callable[[A, Sequence[Message]], A],
        most: int,
    ) -> None:
        """Sends up to `most` messages at once, or one larger call; `part_of` says what of an answer is whose."""
        self._send = send
        self._part_of = part_of
        self._most = most
        self._busy = False
        self._waiting: deque[tuple[Sequence[Message], asyncio.Future[A]]] = deque()
        self._sending: asyncio.Task[None] | None = None
        self.waiting_messages = 0

    async def __call__(self, messages: Sequence[Message]) -> A:
        """Returns what concerns these messages of the answer to them all, or raises the fault of them all."""
        if self._busy:
            return await self._queued(messages)
        self._busy = True
        try:
            return await self._send(messages)
        finally:
            self._busy = bool(self._waiting)
            if self._busy:
                self._go_on()

    def _queued(self, messages: Sequence[Message]) -> asyncio.Future[A]:
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((messages, answer))
        self.waiting_messages += len(messages)
        return answer

    def _go_on(self) -> None:
        """Sends what has gathered; in a task, so that no caller's end is the end of the others' messages.

        The task begins after those who have just been answered went on: who comes back at once is among the next.
        Without them, 64 callers in step would go as 1 and 63 in turn, in twice as many round trips.
        """
        self._sending = asyncio.create_task(self._send_gathered())

    async def _send_gathered(self) -> None:
        calls = self._gather()
        if not calls:
            self._busy = False
            return
        try:
            answer = await self._send([message for messages, _ in calls for message in messages])
        except BaseException as error:  # noqa: BLE001  # it is each caller's error, and nobody else's
            for _, waiter in calls:
                if not waiter.done():
                    waiter.set_exception(error)
        else:
            for messages, waiter in calls:
                if not waiter.done():
                    waiter.set_result(self._part_of(answer, messages))
        finally:
            self._go_on()

    def _gather(self) -> Sequence[tuple[Sequence[Message], asyncio.Future[A]]]:
        """Takes the calls of those who still wait, as many as may go together."""
        calls: list[tuple[Sequence[Message], asyncio.Future[A]]] = []
        count = 0
        while self._waiting and (not calls or count + len(self._waiting[0][0]) <= self._most):
            call = self._waiting.popleft()
            self.waiting_messages -= len(call[0])
            if not call[1].done():
                calls.append(call)
                count += len(call[0])
        return calls
