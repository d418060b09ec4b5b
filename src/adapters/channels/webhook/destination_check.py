"""The look at a destination when a message is scheduled."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....domain.errors import InvalidDestinationError
from .connections import AddressRefusedError, require_allowed
from .destination import parse_webhook_url

if TYPE_CHECKING:
    from ....application.ports.clock import Clock
    from .connections import Connections

LOOK_UP_WITHIN_SECONDS = 2.0
REMEMBERED_FOR_SECONDS = 10.0
REMEMBERED_NAMES = 1_024


@dataclass(frozen=True, slots=True)
class _Finding:
    until: float
    refusal: str | None


class DestinationCheck:
    """Refuses destinations that no webhook may reach, by their spelling and by what their names lead to now.

    A name that leads nowhere, or whose look-up takes too long, is accepted: it may lead somewhere by the time of
    delivery, which looks again in any case. What was found is remembered for some seconds, so that a batch looks
    a name up once; only here, never for a connection.
    """

    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._look_up = connections.look_up
        self._policy = connections.policy
        self._clock = clock
        self._findings: OrderedDict[str, _Finding] = OrderedDict()

    async def __call__(self, to: str) -> None:
        """Looks at a destination.

        Raises:
            InvalidDestinationError: it is refused.
        """
        destination = parse_webhook_url(to)
        if destination.address is not None:
            refusal = self._refusal_of([destination.host])
        else:
            refusal = await self._refusal_by_name(destination.host)
        if refusal is not None:
            raise InvalidDestinationError(refusal)

    def _refusal_of(self, addresses: list[str]) -> str | None:
        try:
            require_allowed(addresses, self._policy)
        except AddressRefusedError as error:
            return str(error)
        return None

    async def _refusal_by_name(self, name: str) -> str | None:
        found = self._findings.get(name)
        if found is None or found.until <= self._clock.monotonic():
            refusal = await self._look_at(name)
            found = _Finding(self._clock.monotonic() + REMEMBERED_FOR_SECONDS, refusal)
            self._findings[name] = found
            self._findings.move_to_end(name)
            if len(self._findings) > REMEMBERED_NAMES:
                self._findings.popitem(last=False)
        return found.refusal

    async def _look_at(self, name: str) -> str | None:
        try:
            async with asyncio.timeout(LOOK_UP_WITHIN_SECONDS):
                addresses = await self._look_up(name)
        except (OSError, TimeoutError):
            return None
        return self._refusal_of(list(addresses))
