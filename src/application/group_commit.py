"""A message store that commits together what arrives together."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from ..domain.errors import StoreUnavailableError
from .ports.message_store import Added
from .store_layer import StoreLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..domain.message import Message
    from .ports.message_store import MessageStore

    _Call = tuple[Sequence[Message], asyncio.Future[Added]]


class GroupCommit(StoreLayer):
    """Gathers the `add` calls that arrive while one is under way and sends them as the next one.

    A lone call goes straight through. Under load one round trip, and one fsync of the store, serves hundreds of
    calls. Everything but `add` is the store's own.
    """

    def __init__(self, store: MessageStore, batch: int = 1000, backlog: int = 20_000) -> None:
        """Sends up to `batch` messages at once, and lets up to `backlog` messages wait for that."""
        super().__init__(store)
        self._batch = batch
        self._backlog = backlog
        self._busy = False
        self._waiting: deque[_Call] = deque()
        self._waiting_messages = 0
        self._committing: asyncio.Task[None] | None = None

    async def add(self, messages: Sequence[Message]) -> Added:
        """Stores messages as the store does, in the order of the calls.

        A call that is cancelled while it waits may have stored its messages all the same.

        Raises:
            StoreUnavailableError: the store did not answer, or more messages wait than it can take in soon.
        """
        if self._busy:
            return await self._queue(messages)
        self._busy = True
        try:
            return await self._store.add(messages)
        finally:
            self._go_on()

    async def _queue(self, messages: Sequence[Message]) -> Added:
        if self._waiting_messages + len(messages) > self._backlog:
            raise StoreUnavailableError(f"{self._waiting_messages} messages already wait to be stored")
        answer: asyncio.Future[Added] = asyncio.get_running_loop().create_future()
        self._waiting.append((messages, answer))
        self._waiting_messages += len(messages)
        return await answer

    def _go_on(self) -> None:
        """Commits what has gathered; in a task, so that no caller's end is the end of the others' messages."""
        if self._waiting:
            self._committing = asyncio.create_task(self._commit(self._gather()))
        else:
            self._busy = False

    def _gather(self) -> list[_Call]:
        calls: list[_Call] = []
        count = 0
        while self._waiting and (not calls or count + len(self._waiting[0][0]) <= self._batch):
            calls.append(self._waiting.popleft())
            count += len(calls[-1][0])
        self._waiting_messages -= count
        return calls

    async def _commit(self, calls: Sequence[_Call]) -> None:
        try:
            added = await self._store.add([message for messages, _ in calls for message in messages])
        except BaseException as error:  # noqa: BLE001  # it is each caller's error, and nobody else's
            _answer(calls, error)
        else:
            _answer(calls, added)
        finally:
            self._go_on()


def _answer(calls: Sequence[_Call], answer: Added | BaseException) -> None:
    for messages, future in calls:
        if future.done():  # cancelled: nobody waits any more
            continue
        if isinstance(answer, BaseException):
            future.set_exception(answer)
        else:
            future.set_result(_part_of(answer, messages))


def _part_of(added: Added, messages: Sequence[Message]) -> Added:
    """Returns what of a common answer concerns one call."""
    if not added.refused:
        return added
    return Added(refused=added.refused & {message.id for message in messages}, hastened=added.hastened)
