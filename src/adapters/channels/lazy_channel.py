"""A channel that is imported and created when it is first used."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from ...application.ports.delivery_channel import ChecksDestinations, Closes
from ...domain.errors import InvalidDestinationError, PostdateError
from ...domain.messages.outcome import Failed
from .error_text import describe_error

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from ...application.ports.channel_factory import ChannelContext
    from ...application.ports.delivery_channel import Batch, DeliveryChannel
    from ...domain.ids import MessageId
    from ...domain.messages.outcome import Outcome

logger = logging.getLogger("postdate.channels")


class ChannelUnavailableError(PostdateError):
    """A channel could not be created.

    Attributes:
        provider: The package that should provide the channel.
        reason: The error that was raised, without secrets.
    """

    def __init__(self, provider: str, reason: str) -> None:
        """Builds the error text from both facts."""
        super().__init__(f"{provider} provides no channel: {reason}")
        self.provider = provider
        self.reason = reason


class LazyChannel:
    """Stands for a channel that is imported and created when its first message comes.

    While the channel cannot be created, scheduling refuses its destinations, and its messages fail with the
    reason. Each message tries to create it again. Other channels are not affected.
    """

    def __init__(
        self,
        provider: str,
        load: Callable[[], Callable[[ChannelContext], DeliveryChannel]],
        context: ChannelContext,
    ) -> None:
        """Stores the arguments; it imports nothing yet.

        Args:
            provider: The name of the providing package, for error texts.
            load: Imports the factory and returns it; it may be slow.
            context: The argument of the factory.
        """
        self._provider = provider
        self._load = load
        self._context = context
        self._channel: DeliveryChannel | None = None
        self._creating = asyncio.Lock()
        self._logged_reason: str | None = None

    async def check(self, to: str) -> None:
        """Checks a destination by the channel's own check.

        Raises:
            InvalidDestinationError: The channel refuses the destination, or the channel cannot be created.
        """
        try:
            channel = await self._get_or_create()
        except ChannelUnavailableError as error:
            raise InvalidDestinationError(f"cannot be used: {error}") from error
        if isinstance(channel, ChecksDestinations):
            await channel.check(to)

    async def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Delivers a batch through the channel. If it cannot be created, all messages fail, not permanently."""
        try:
            channel = await self._get_or_create()
        except ChannelUnavailableError as error:
            yield dict.fromkeys((message.id for message in batch.messages), Failed(reason=str(error)))
            return
        async with aclosing(channel.deliver(batch)) as groups:
            async for group in groups:
                yield group

    async def aclose(self) -> None:
        """Closes the channel if it was created and can be closed. An error is logged, not raised."""
        channel = self._channel
        if channel is None or not isinstance(channel, Closes):
            return
        try:
            await channel.aclose()
        except Exception as error:  # noqa: BLE001  # the rest of the shutdown must go on
            logger.warning(
                "a channel was not closed", extra={"scheme": self._context.scheme, "reason": describe_error(error)}
            )

    async def _get_or_create(self) -> DeliveryChannel:
        async with self._creating:
            if self._channel is None:
                # In a thread, because an import in the event loop may take longer than a lease lasts.
                self._channel = await asyncio.to_thread(self._create)
            return self._channel

    def _create(self) -> DeliveryChannel:
        try:
            return _require_channel(self._load()(self._context))
        except (Exception, SystemExit) as error:
            raise self._unavailable(error) from error

    def _unavailable(self, cause: BaseException) -> ChannelUnavailableError:
        reason = str(cause) if isinstance(cause, PostdateError) else describe_error(cause)
        error = ChannelUnavailableError(self._provider, reason)
        if reason != self._logged_reason:
            logger.error(
                "a channel is not available", extra={"scheme": self._context.scheme, "reason": str(error)}
            )
        self._logged_reason = reason
        return error


def _require_channel(created: Any) -> DeliveryChannel:  # noqa: ANN401  # a foreign factory may return anything
    if not callable(getattr(created, "deliver", None)):
        raise TypeError(f"a {type(created).__name__} has no method deliver")
    channel: DeliveryChannel = created
    return channel
