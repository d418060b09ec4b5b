"""Channels made from a coroutine function that delivers one message."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ...domain.messages.outcome import Failed
from .fair_limiter import FairLimiter

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Mapping

    from ...application.ports.clock import Clock
    from ...application.ports.delivery_channel import Batch, DeliveryChannel
    from ...domain.ids import MessageId
    from ...domain.messages.message import Message
    from ...domain.messages.outcome import Outcome

SELF_CANCELLED = Failed(reason="the delivery cancelled its own work")


def one_by_one(
    function: Callable[[Message], Awaitable[Outcome]],
    concurrency: int,
    clock: Clock,
    key: Callable[[Message], Hashable] = lambda message: message.to,
) -> DeliveryChannel:
    """Returns a channel that delivers each message by one call of the function, several at the same time.

    An exception from the function fails its own message only.

    Args:
        function: Delivers one message.
        concurrency: The maximum number of calls in flight, over all batches.
        clock: Measures how long messages wait for a slot.
        key: Returns the same key for messages that go to the same host. `FairLimiter` shares the slots fairly
            among the keys. By default, each destination is a key.
    """
    return OneByOne(function, FairLimiter(concurrency, clock), key)


class OneByOne:
    """The channel that `one_by_one` returns."""

    def __init__(
        self,
        function: Callable[[Message], Awaitable[Outcome]],
        limiter: FairLimiter,
        key: Callable[[Message], Hashable],
    ) -> None:
        self._function = function
        self._limiter = limiter
        self._key = key

    async def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Yields outcomes as soon as they are known.

        The outcomes that come while the caller settles one group form the next group.
        """
        outcomes = _PendingOutcomes()
        tasks = [asyncio.create_task(self._deliver(message, batch, outcomes)) for message in batch.messages]
        missing = len(tasks)
        try:
            while missing:
                group = await outcomes.take()
                missing -= len(group)
                yield group
        finally:
            await _cancel([task for task in tasks if not task.done()])

    async def _deliver(self, message: Message, batch: Batch, outcomes: _PendingOutcomes) -> None:
        key = self._key(message)
        outcome: Outcome | None = await self._limiter.acquire(key, batch.may_start)
        if outcome is None:
            try:
                outcome = await self._call(message)
            finally:
                self._limiter.release(key)
        outcomes.add(message.id, outcome)

    async def _call(self, message: Message) -> Outcome:
        try:
            return await self._function(message)
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is None or task.cancelling():
                raise
            return SELF_CANCELLED
        except Exception as error:  # noqa: BLE001  # any error of the function is a failed delivery of this message
            return Failed(reason=f"{type(error).__name__}: {error}")


class _PendingOutcomes:
    """Outcomes that are known and not yet yielded."""

    def __init__(self) -> None:
        self._outcomes: dict[MessageId, Outcome] = {}
        self._added = asyncio.Event()

    def add(self, message_id: MessageId, outcome: Outcome) -> None:
        self._outcomes[message_id] = outcome
        self._added.set()

    async def take(self) -> Mapping[MessageId, Outcome]:
        """Waits until there is an outcome, then removes and returns all."""
        await self._added.wait()
        self._added.clear()
        outcomes, self._outcomes = self._outcomes, {}
        return outcomes


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
