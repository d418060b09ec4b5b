"""The channel that sends messages as webhooks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp

from ....domain.errors import InvalidDestinationError, StoreUnavailableError
from ....domain.messages.outcome import Failed, NotStarted
from ..one_by_one import one_by_one
from .attempt_errors import failure_of
from .destination import parse_webhook_url
from .destination_check import DestinationCheck
from .request import body_of, headers_of
from .response import outcome_of, read_detail
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

CONNECT_WITHIN = timedelta(seconds=5)
"""The part of an attempt's time that connecting may take: looking up, TCP and TLS."""


class WebhookChannel:
    """Posts each message to its destination, signed; what the receiver answers decides what becomes of it.

    It connects to addresses that its policy allows, and to no other. No destination holds up the others.
    """

    def __init__(
        self,
        connections: Connections,
        secrets: Callable[[], Awaitable[Sequence[str]]],
        clock: Clock,
        concurrency: int = 256,
        timeout: timedelta = timedelta(seconds=30),
    ) -> None:
        """Sets up a channel that connects when it is first used.

        Args:
            connections: how it connects, and where to.
            secrets: returns what to sign with; asked before the first delivery.
            clock: whose time stands in the requests.
            concurrency: how many attempts may be under way.
            timeout: how long one may take.
        """
        self._connections = connections
        self._secrets = secrets
        self._clock = clock
        self._timeout = timeout
        self._signer: Signer | None = None
        self._session: aiohttp.ClientSession | None = None
        self._channel = one_by_one(self._deliver, concurrency, clock, _place_of)
        self._check = DestinationCheck(connections, clock)
        self._limits = aiohttp.ClientTimeout(total=None, connect=min(timeout, CONNECT_WITHIN).total_seconds())

    def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Delivers a batch, several attempts at once."""
        return self._channel.deliver(batch)

    async def check(self, to: str) -> None:
        """Refuses what is no URL for a webhook, and what leads to an address that it may not reach."""
        await self._check(to)

    async def aclose(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _deliver(self, message: Message) -> Outcome:
        try:
            destination = parse_webhook_url(message.to)
            body, content_type = body_of(message)
        except InvalidDestinationError as error:
            return Failed(reason=str(error), permanent=True)
        except ValueError as error:
            return Failed(reason=f"its body is no text: {error}", permanent=True)
        try:
            signer = await self._signer_made_once()
        except StoreUnavailableError:
            return NotStarted()
        headers = headers_of(message, body, content_type, signer, self._clock.now())
        return await self._attempt(destination, body, headers)

    async def _attempt(self, destination: Destination, body: bytes, headers: Mapping[str, str]) -> Outcome:
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                return await self._post(destination, body, headers)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return failure_of(error, self._timeout)

    async def _post(self, destination: Destination, body: bytes, headers: Mapping[str, str]) -> Outcome:
        if self._session is None:
            self._session = self._connections.open_session()
        async with self._session.post(
            destination.url, data=body, headers=headers, allow_redirects=False, timeout=self._limits
        ) as response:
            detail = await read_detail(response)
            return outcome_of(response.status, response.headers.get("Retry-After"), detail, self._clock.now())

    async def _signer_made_once(self) -> Signer:
        if self._signer is None:
            self._signer = Signer(await self._secrets())
        return self._signer


def _place_of(message: Message) -> Hashable:
    try:
        return parse_webhook_url(message.to).place
    except InvalidDestinationError:
        return message.to
