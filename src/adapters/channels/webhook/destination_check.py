"""Checks a destination when a message is scheduled, before it is stored."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....domain.errors import InvalidDestinationError
from .address_policy import AddressNotAllowedError
from .destination import parse_webhook_url

if TYPE_CHECKING:
    from ....application.ports.clock import Clock
    from .connections import Connections

LOOKUP_TIMEOUT_SECONDS = 2.0
CACHE_TTL_SECONDS = 10.0
MAX_CACHED_NAMES = 1_024


@dataclass(frozen=True, slots=True)
class _CachedResult:
    expires_at: float
    error: str | None


class DestinationCheck:
    """Refuses destinations that no webhook may reach, by their URL and by the present addresses of their name.

    A name that has no address, or whose lookup takes too long, is accepted: it may have an address by the time of
    delivery, which checks again in any case. A result is cached for `CACHE_TTL_SECONDS`, so that a batch looks
    each name up once. Connections never use this cache.
    """

    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._resolve_name = connections.resolve_name
        self._policy = connections.policy
        self._clock = clock
        self._cache: OrderedDict[str, _CachedResult] = OrderedDict()

    async def __call__(self, to: str) -> None:
        """Checks a destination.

        Raises:
            InvalidDestinationError: It is not a valid URL, or leads to an address that is not allowed.
        """
        destination = parse_webhook_url(to)
        if destination.address is not None:
            error = self._error_of([destination.host])
        else:
            error = await self._cached_error_of_name(destination.host)
        if error is not None:
            raise InvalidDestinationError(error)

    def _error_of(self, addresses: list[str]) -> str | None:
        try:
            self._policy.require_allowed(addresses)
        except AddressNotAllowedError as error:
            return str(error)
        return None

    async def _cached_error_of_name(self, name: str) -> str | None:
        cached = self._cache.get(name)
        if cached is None or cached.expires_at <= self._clock.monotonic():
            error = await self._error_of_name(name)
            cached = _CachedResult(self._clock.monotonic() + CACHE_TTL_SECONDS, error)
            self._cache[name] = cached
            self._cache.move_to_end(name)
            if len(self._cache) > MAX_CACHED_NAMES:
                self._cache.popitem(last=False)
        return cached.error

    async def _error_of_name(self, name: str) -> str | None:
        try:
            async with asyncio.timeout(LOOKUP_TIMEOUT_SECONDS):
                addresses = await self._resolve_name(name)
        except (OSError, TimeoutError):
            return None
        return self._error_of(list(addresses))
