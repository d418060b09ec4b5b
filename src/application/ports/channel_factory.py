"""The port that creates delivery channels. A plug-in implements it."""

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
    """The arguments of a channel factory.

    Attributes:
        scheme: The scheme of the channel: the part of its destinations before the first colon.
        environment: The environment variables of the process.
        clock: The clock of the service. `one_by_one` needs it.
    """

    scheme: str
    environment: Mapping[str, str]
    clock: Clock

    def setting(self, variable: str, default: str | None = None) -> str:
        """Returns the value of an environment variable, or the default if the variable is not set or empty.

        Raises:
            ConfigurationError: The variable is not set, and there is no default.
        """
        value = self.environment.get(variable) or default
        if value is None:
            raise ConfigurationError(variable, f"is not set, and {self.scheme}: needs it")
        return value


class ChannelFactory(Protocol):
    """Creates the channel of a scheme. A class whose constructor accepts a context is a factory, too."""

    def __call__(self, context: ChannelContext) -> DeliveryChannel:
        """Returns the channel. It does not connect to anything yet. May be called in any thread.

        It is called when the first message of the scheme is scheduled or due, and again after it raised an error.

        Raises:
            ConfigurationError: A variable is missing or invalid. Any other error has the same effect: messages of
                this scheme are rejected, or their delivery fails, with the text of the error as the reason.
        """
        ...
