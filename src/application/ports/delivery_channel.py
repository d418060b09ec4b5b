"""The port that delivers messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from ...domain.ids import MessageId
    from ...domain.messages.message import Message
    from ...domain.messages.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Messages that were claimed together, in due order.

    Attributes:
        messages: The messages to deliver.
        may_start: Returns whether a delivery may still be started. False once the owner is stopping or no longer
            trusts its lease; then it never becomes true again.
    """

    messages: Sequence[Message]
    may_start: Callable[[], bool]


class DeliveryChannel(Protocol):
    """Delivers messages to their destinations."""

    def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Delivers a batch, and yields the outcomes in groups, each group as soon as its deliveries have ended.

        Before each delivery it calls `batch.may_start()`; if that is false, the outcome of the message is
        `NotStarted`. Each message is in exactly one group; a message without an outcome counts as failed. An error
        that affects one message is an outcome. A raised error fails all messages that have no outcome yet.
        """
        ...


@runtime_checkable
class ChecksDestinations(Protocol):
    """A channel that does not deliver to every destination of its scheme."""

    async def check(self, to: str) -> None:
        """Checks a destination when a message is scheduled, so that the client learns at once of an invalid one.

        The check may accept a destination that delivery rejects later. It takes a few seconds at most.

        Raises:
            InvalidDestinationError: The channel does not deliver to this destination.
        """
        ...


@runtime_checkable
class Closes(Protocol):
    """A channel that has connections to close."""

    async def aclose(self) -> None:
        """Closes the connections. No delivery is in progress, and none will be started."""
        ...
