"""A channel that is made when it is first used."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from ...application.ports.delivery_channel import ChecksDestinations, Closes
from ...domain.errors import InvalidDestinationError, PostdateError
from ...domain.messages.outcome import Failed
from .error_reason import reason_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from ...application.ports.channel_factory import ChannelContext
    from ...application.ports.delivery_channel import Batch, DeliveryChannel
    from ...domain.ids import MessageId
    from ...domain.messages.outcome import Outcome

logger = logging.getLogger("postdate.channels")


class NoChannelError(PostdateError):
    """A channel that cannot be made as things are.

    Attributes:
        provider: who should have provided it.
        reason: what was raised; no secret in it.
    """

    def __init__(self, provider: str, reason: str) -> None:
        """Builds a sentence from both."""
        super().__init__(f"{provider} provides no channel: {reason}")
        self.provider = provider
        self.reason = reason


class LazyChannel:
    """Stands for a channel whose code is imported, and which is made, when its first message comes.

    As long as it cannot be made, its destinations are refused and its messages fail with the reason, nothing else
    suffers, and each message tries again to make it.
    """

    def __init__(
        self,
        provider: str,
        load: Callable[[], Callable[[ChannelContext], DeliveryChannel]],
        context: ChannelContext,
    ) -> None:
        """Imports nothing yet.

        Args:
            provider: who provides it, for people.
            load: imports the factory and returns it; may take its time.
            context: what the factory is given.
        """
        self._provider = provider
        self._load = load
        self._context = context
        self._channel: DeliveryChannel | None = None
        self._making = asyncio.Lock()
        self._told: str | None = None

    async def check(self, to: str) -> None:
        """Refuses whatever the channel refuses, and everything if there is none."""
        try:
            channel = await self._made()
        except NoChannelError as error:
            raise InvalidDestinationError(f"cannot be used: {error}") from error
        if isinstance(channel, ChecksDestinations):
            await channel.check(to)

    async def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Delivers through the channel; if there is none, all fail, and may be tried again."""
        try:
            channel = await self._made()
        except NoChannelError as error:
            yield dict.fromkeys((message.id for message in batch.messages), Failed(reason=str(error)))
            return
        async with aclosing(channel.deliver(batch)) as groups:
            async for group in groups:
                yield group

    async def aclose(self) -> None:
        """Lets the channel let go of its connections, if it was made and has any."""
        channel = self._channel
        if channel is None or not isinstance(channel, Closes):
            return
        try:
            await channel.aclose()
        except Exception as error:  # noqa: BLE001  # the rest of the process ends in order all the same
            logger.warning(
                "a channel was not closed", extra={"scheme": self._context.scheme, "reason": reason_of(error)}
            )

    async def _made(self) -> DeliveryChannel:
        async with self._making:
            # Not in the event loop: an import may take long enough for a lease to run out.
            if self._channel is not None:
                return self._channel
            self._channel = await asyncio.to_thread(self._make)
            return self._channel

    def _make(self) -> DeliveryChannel:
        try:
            return _require_channel(self._load()(self._context))
        except (Exception, SystemExit) as error:
            raise self._no_channel(error) from error

    def _no_channel(self, error: BaseException) -> NoChannelError:
        reason = str(error) if isinstance(error, PostdateError) else reason_of(error)
        fault = NoChannelError(self._provider, reason)
        if reason != self._told:
            logger.error("a channel cannot be had", extra={"scheme": self._context.scheme, "reason": str(fault)})
        self._told = reason
        return fault


def _require_channel(made: Any) -> DeliveryChannel:  # noqa: ANN401  # whatever somebody's factory returned
    if not callable(getattr(made, "deliver", None)):
        raise TypeError(f"a {type(made).__name__} has no method deliver")
    channel: DeliveryChannel = made
    return channel
