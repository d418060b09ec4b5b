"""Which channel a destination goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..domain.errors import UnknownChannelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .ports.delivery_channel import DeliveryChannel


class Channels:
    """The channels of this service by their scheme: what stands before the first colon of a destination."""

    def __init__(self, by_scheme: Mapping[str, DeliveryChannel]) -> None:
        self._by_scheme = dict(by_scheme)

    def leading_to(self, to: str) -> DeliveryChannel | None:
        """Returns the channel of a destination; `None` if none has its scheme."""
        return self._by_scheme.get(to.partition(":")[0])

    def check(self, to: str) -> None:
        """Refuses a destination that no channel leads to.

        Raises:
            UnknownChannelError: no channel has its scheme.
        """
        if self.leading_to(to) is None:
            raise UnknownChannelError(to, tuple(sorted(self._by_scheme)))
