"""The registered channels, and which of them delivers to a destination."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..domain.errors import UnknownChannelError
from .ports.delivery_channel import ChecksDestinations, Closes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .ports.delivery_channel import DeliveryChannel


class Channels:
    """The channels of this instance by their scheme: the part of a destination before its first colon."""

    def __init__(self, by_scheme: Mapping[str, DeliveryChannel]) -> None:
        self._by_scheme = dict(by_scheme)
        # Determined once: `isinstance` of a protocol takes longer than all else in accepting a console message.
        self._checks = {
            scheme: channel.check
            for scheme, channel in by_scheme.items()
            if isinstance(channel, ChecksDestinations)
        }

    def channel_for(self, to: str) -> DeliveryChannel | None:
        """Returns the channel of a destination. `None`: no channel has its scheme."""
        return self._by_scheme.get(to.partition(":")[0])

    async def check(self, to: str) -> None:
        """Refuses a destination that no channel can deliver to.

        Raises:
            UnknownChannelError: No channel has the destination's scheme.
            InvalidDestinationError: The channel refuses the destination.
        """
        scheme = to.partition(":")[0]
        if scheme not in self._by_scheme:
            raise UnknownChannelError(to, tuple(sorted(self._by_scheme)))
        if scheme in self._checks:
            await self._checks[scheme](to)

    async def aclose(self) -> None:
        """Closes the connections of every channel. It is called when nothing is delivered any more.

        A channel of several schemes is closed once.
        """
        for channel in dict.fromkeys(self._by_scheme.values()):
            if isinstance(channel, Closes):
                await channel.aclose()
