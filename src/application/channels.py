"""Which channel a destination goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..domain.errors import UnknownChannelError
from .ports.delivery_channel import ChecksDestinations, Closes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .ports.delivery_channel import DeliveryChannel


class Channels:
    """The channels of this service by their scheme: what stands before the first colon of a destination."""

    def __init__(self, by_scheme: Mapping[str, DeliveryChannel]) -> None:
        self._by_scheme = dict(by_scheme)
        # Found out once, since it takes longer than anything else of accepting a message for a console.
        self._checks = {
            scheme: channel.check
            for scheme, channel in by_scheme.items()
            if isinstance(channel, ChecksDestinations)
        }

    def channel_for(self, to: str) -> DeliveryChannel | None:
        """Returns the channel of a destination; `None` if none has its scheme."""
        return self._by_scheme.get(to.partition(":")[0])

    async def check(self, to: str) -> None:
        """Refuses a destination that no channel leads to, or that its channel refuses.

        Raises:
            UnknownChannelError: no channel has its scheme.
            InvalidDestinationError: its channel will not deliver there.
        """
        scheme = to.partition(":")[0]
        if scheme not in self._by_scheme:
            raise UnknownChannelError(to, tuple(sorted(self._by_scheme)))
        if scheme in self._checks:
            await self._checks[scheme](to)

    async def aclose(self) -> None:
        """Has every channel let go of its connections, once nothing is delivered any more.

        One that serves several schemes is closed once.
        """
        for channel in dict.fromkeys(self._by_scheme.values()):
            if isinstance(channel, Closes):
                await channel.aclose()
