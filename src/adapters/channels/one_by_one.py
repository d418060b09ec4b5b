"""Channels made of a function that delivers one message."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ...domain.messages.outcome import Failed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Mapping

    from ...application.ports.clock import Clock
    from ...application.ports.delivery_channel import Batch, DeliveryChannel
    from ...domain.ids import MessageId
    from ...domain.messages.message import Message
    from ...domain.messages.outcome import Outcome

from .fair_limiter import FairLimiter

CANCELLED_ITSELF = Failed(reason="the delivery cancelled its own work")


def one_by_one(
    function: Callable[[Message], Awaitable[Outcome]],
    concurrency: int,
    clock: Clock,
    key: Callable[[Message], Hashable] = lambda message: message.to,
) -> DeliveryChannel:
    """Returns a channel that delivers each message by a call of the function, several at once.

    What the function raises makes its message fail, and no other.

    Args:
        function: delivers one message.
        concurrency: how many calls may be under way in all, over all batches.
        clock: measures how long messages wait for their turn.
        key: tells which messages go to the same place; `FairLimiter` divides the calls fairly among store_targets.
    """
    return OneByOne(function, FairLimiter(concurrency, clock), key)


class OneByOne:
    """The channel that `one_by_one` makes."""

    def __init__(
        self,
        function: Callable[[Message], Awaitable[Outcome]],
        store_targets: FairLimiter,
        key: Callable[[Message], Hashable],
    ) -> None:
        self._function = function
        self._places = store_targets
        self._key = key

    async def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Yields outcomes as they come: those that end while the last ones are settled make the next group."""
        endings = _Endings()
        tasks = [asyncio.create_task(self._deliver(message, batch, endings)) for message in batch.messages]
        missing = len(tasks)
        try:
            while missing:
                group = await endings.next()
                missing -= len(group)
                yield group
        finally:
            await _end([task for task in tasks if not task.done()])

    async def _deliver(self, message: Message, batch: Batch, endings: _Endings) -> None:
        key = self._key(message)
        outcome: Outcome | None = await self._places.enter(key, batch.may_start)
        if outcome is None:
            try:
                outcome = await self._call(message)
            finally:
                self._places.leave(key)
        endings.add(message.id, outcome)

    async def _call(self, message: Message) -> Outcome:
        try:
            return await self._function(message)
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is None or task.cancelling():
                raise
            return CANCELLED_ITSELF
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a failed delivery of this message
            return Failed(reason=f"{type(error).__name__}: {error}")


class _Endings:
    """Outcomes that nobody has taken yet."""

    def __init__(self) -> None:
        self._outcomes: dict[MessageId, Outcome] = {}
        self._news = asyncio.Event()

    def add(self, message_id: MessageId, outcome: Outcome) -> None:
        self._outcomes[message_id] = outcome
        self._news.set()

    async def next(self) -> Mapping[MessageId, Outcome]:
        """Returns all there are, once there are any."""
        await self._news.wait()
        self._news.clear()
        outcomes, self._outcomes = self._outcomes, {}
        return outcomes


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
