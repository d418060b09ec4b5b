"""The port by which a channel comes to be: what a plug-in provides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ...domain.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .clock import Clock
    from .delivery_channel import DeliveryChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelContext:
    """What a channel is made with.

    Attributes:
        scheme: what stands before the first colon of its destinations.
        environment: the variables of the process.
        clock: the clock of the service; `one_by_one` wants it.
    """

    scheme: str
    environment: Mapping[str, str]
    clock: Clock

    def setting(self, variable: str, default: str | None = None) -> str:
        """Returns what a variable is set to, or the default where it is not set or empty.

        Raises:
            ConfigurationError: it is not set, and there is no default.
        """
        value = self.environment.get(variable) or default
        if value is None:
            raise ConfigurationError(variable, f"is not set, and {self.scheme}: needs it")
        return value


class ChannelFactory(Protocol):
    """Makes the channel of a scheme. A class whose constructor takes a context is one, too."""

    def __call__(self, context: ChannelContext) -> DeliveryChannel:
        """Returns the channel. It connects to nothing yet, and may be called in any thread.

        Called when the first message of the scheme is scheduled or due, and again after it raised.

        Raises:
            ConfigurationError: a variable cannot be worked with. Whatever else it raises is taken likewise: it is
                the reason for which the messages of this scheme are refused, and fail.
        """
        ...
