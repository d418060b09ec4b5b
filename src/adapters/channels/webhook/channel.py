"""The channel that sends messages as webhooks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp

from ....domain.errors import InvalidDestinationError, StoreUnavailableError
from ....domain.messages.outcome import Failed, NotStarted
from ..one_by_one import one_by_one
from .destination import parse_webhook_url
from .destination_check import DestinationCheck
from .error_outcome import outcome_of_error
from .request import request_body, request_headers
from .response_detail import read_detail
from .response_outcome import outcome_of_response
from .signing import Signer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Mapping, Sequence

    from ....application.ports.clock import Clock
    from ....application.ports.delivery_channel import Batch
    from ....domain.ids import MessageId
    from ....domain.messages.message import Message
    from ....domain.messages.outcome import Outcome
    from .connections import Connections
    from .destination import Destination

CONNECT_TIMEOUT = timedelta(seconds=5)
"""The part of an attempt's time that may be spent on connecting: DNS lookup, TCP and TLS."""


class WebhookChannel:
    """Posts each message to its destination, signed. The receiver's response decides the outcome.

    It connects only to addresses that its policy allows. A slow host does not delay other hosts.
    """

    def __init__(
        self,
        connections: Connections,
        secrets: Callable[[], Awaitable[Sequence[str]]],
        clock: Clock,
        concurrency: int = 256,
        timeout: timedelta = timedelta(seconds=30),
    ) -> None:
        """Creates a channel that connects when it is first used.

        Args:
            connections: How to connect, and which addresses are allowed.
            secrets: Returns the signing secrets; called before the first delivery.
            clock: The clock for the timestamps of requests.
            concurrency: The maximum number of attempts in flight.
            timeout: The maximum duration of one attempt.
        """
        self._connections = connections
        self._secrets = secrets
        self._clock = clock
        self._timeout = timeout
        self._signer: Signer | None = None
        self._session: aiohttp.ClientSession | None = None
        self._channel = one_by_one(self._deliver, concurrency, clock, _limiter_key)
        self._check = DestinationCheck(connections, clock)
        self._limits = aiohttp.ClientTimeout(total=None, connect=min(timeout, CONNECT_TIMEOUT).total_seconds())

    def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Delivers a batch, several attempts at the same time."""
        return self._channel.deliver(batch)

    async def check(self, to: str) -> None:
        """Checks that a destination is a valid webhook URL, and that its addresses are allowed.

        Raises:
            InvalidDestinationError: It is not valid, or one of its addresses is not allowed.
        """
        await self._check(to)

    async def aclose(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _deliver(self, message: Message) -> Outcome:
        try:
            destination = parse_webhook_url(message.to)
            body, content_type = request_body(message)
        except InvalidDestinationError as error:
            return Failed(reason=str(error), permanent=True)
        except ValueError as error:
            return Failed(reason=f"the body is not valid text: {error}", permanent=True)
        try:
            signer = await self._get_or_create_signer()
        except StoreUnavailableError:
            return NotStarted()
        headers = request_headers(message, body, content_type, signer, self._clock.now())
        return await self._attempt(destination, body, headers)

    async def _attempt(self, destination: Destination, body: bytes, headers: Mapping[str, str]) -> Outcome:
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                return await self._post(destination, body, headers)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return outcome_of_error(error, self._timeout)

    async def _post(self, destination: Destination, body: bytes, headers: Mapping[str, str]) -> Outcome:
        if self._session is None:
            self._session = self._connections.open_session()
        async with self._session.post(
            destination.url, data=body, headers=headers, allow_redirects=False, timeout=self._limits
        ) as response:
            detail = await read_detail(response)
            retry_after = response.headers.get("Retry-After")
            return outcome_of_response(response.status, retry_after, detail, self._clock.now())

    async def _get_or_create_signer(self) -> Signer:
        if self._signer is None:
            self._signer = Signer(await self._secrets())
        return self._signer


def _limiter_key(message: Message) -> Hashable:
    try:
        return parse_webhook_url(message.to).limiter_key
    except InvalidDestinationError:
        return message.to
