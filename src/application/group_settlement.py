"""Settlements that are sent together where they come together."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..domain.lease import Lease
    from ..domain.message import Message, MessageId
    from .ports.message_store import MessageStore

    _Call = tuple[Sequence[Message], asyncio.Future[frozenset[MessageId]]]

SMALL = 100
"""Messages below which a settlement waits for one that is under way. A larger one is worth a round trip itself."""
MOST_AT_ONCE = 500


@dataclass(slots=True)
class _Line:
    """What waits for the settlement that is under way under one lease."""

    waiting: deque[_Call] = field(default_factory=deque)
    settling: asyncio.Task[None] | None = None


class GroupSettlement:
    """Gathers the small settlements of a lease that arrive while one is under way, and sends them as the next one.

    Deliveries that take their own time each end by themselves. Settled one by one, a thousand that end together
    would want a thousand connections to the store.
    """

    def __init__(self, store: MessageStore) -> None:
        self._store = store
        self._lines: dict[Lease, _Line] = {}

    async def settle(self, lease: Lease, messages: Sequence[Message]) -> frozenset[MessageId]:
        """Settles as the store does, and raises what it does; also, maybe, what its caller gave up waiting for."""
        if len(messages) >= SMALL:
            return await self._store.settle(lease, messages)
        if lease in self._lines:
            answer: asyncio.Future[frozenset[MessageId]] = asyncio.get_running_loop().create_future()
            self._lines[lease].waiting.append((messages, answer))
            return await answer
        self._lines[lease] = _Line()
        try:
            return await self._store.settle(lease, messages)
        finally:
            self._go_on(lease)

    def _go_on(self, lease: Lease) -> None:
        """Settles what has gathered; in a task, so that no caller's end is the end of the others' settlements."""
        line = self._lines[lease]
        calls = _gather(line.waiting)
        if calls:
            line.settling = asyncio.create_task(self._settle(lease, calls))
        else:
            del self._lines[lease]

    async def _settle(self, lease: Lease, calls: Sequence[_Call]) -> None:
        try:
            lost = await self._store.settle(lease, [message for messages, _ in calls for message in messages])
        except BaseException as error:  # noqa: BLE001  # it is each caller's error, and nobody else's
            for _, answer in calls:
                if not answer.done():
                    answer.set_exception(error)
        else:
            for messages, answer in calls:
                if not answer.done():
                    answer.set_result(lost & {message.id for message in messages} if lost else lost)
        finally:
            self._go_on(lease)


def _gather(waiting: deque[_Call]) -> list[_Call]:
    """Takes the calls of those who still wait, as many as may go together."""
    calls: list[_Call] = []
    count = 0
    while waiting and count + len(waiting[0][0]) <= MOST_AT_ONCE:
        call = waiting.popleft()
        if not call[1].done():
            calls.append(call)
            count += len(call[0])
    return calls
