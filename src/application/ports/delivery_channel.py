"""The port through which messages leave."""

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
    """Messages claimed together, in due order.

    Attributes:
        messages: what is to be delivered.
        may_start: whether a delivery may still be begun. False once the owner is stopping or no longer trusts
            its lease; it never turns true again.
    """

    messages: Sequence[Message]
    may_start: Callable[[], bool]


class DeliveryChannel(Protocol):
    """Hands messages over to the world."""

    def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Delivers a batch and yields what came of it, group by group, as soon as each group has ended.

        It asks `batch.may_start()` before it begins a delivery, and answers `NotStarted` once that is false. A
        message is in exactly one group; one that is left out counts as failed. What concerns a single message
        is an outcome. An exception fails all that have no outcome yet.
        """
        ...


@runtime_checkable
class ChecksDestinations(Protocol):
    """What a channel has besides, that does not deliver just anywhere."""

    async def check(self, to: str) -> None:
        """Looks at a destination at scheduling, so that a client hears at once of one that could never be reached.

        It may miss some: delivery looks again. It answers within a few seconds.

        Raises:
            InvalidDestinationError: the channel will not deliver there.
        """
        ...


@runtime_checkable
class Closes(Protocol):
    """What a channel has besides, that holds connections."""

    async def aclose(self) -> None:
        """Lets go of them. Nothing is being delivered then, and nothing will be."""
        ...
