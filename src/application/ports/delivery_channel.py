"""The port through which messages are delivered."""

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
        may_start: Whether a delivery may still begin. It becomes false once the owner stops or no longer trusts
            its lease, and never becomes true again.
    """

    messages: Sequence[Message]
    may_start: Callable[[], bool]


class DeliveryChannel(Protocol):
    """Delivers messages to the outside world."""

    def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Delivers a batch and yields the outcomes in groups, each group as soon as it is known.

        The channel calls `batch.may_start()` before it begins a delivery; once that returns false, the outcome is
        `NotStarted`. Each message is in exactly one group. A message without an outcome counts as failed.

        An error that concerns one message is an outcome. An exception fails all messages that have no outcome yet.
        """
        ...


@runtime_checkable
class ChecksDestinations(Protocol):
    """An optional part of a channel: it can refuse a destination before the message is stored."""

    async def check(self, to: str) -> None:
        """Checks a destination when a message is scheduled, so that the client learns of an error at once.

        The check may accept a destination that delivery refuses later. It returns within a few seconds.

        Raises:
            InvalidDestinationError: The channel does not deliver to this destination.
        """
        ...


@runtime_checkable
class Closes(Protocol):
    """An optional part of a channel: it holds connections and closes them at the end."""

    async def aclose(self) -> None:
        """Closes the connections. No delivery is in flight then, and none begins afterwards."""
        ...
