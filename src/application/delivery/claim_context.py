"""The lease under which messages are claimed, and the callbacks of their deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ...domain.ids import MessageId
    from ...domain.lease import Lease
    from ...domain.messages.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptedClaim:
    """A new claim of a message that is still being delivered under an earlier claim.

    Attributes:
        lease: The lease of the new claim, which now settles the message.
        claimed: The message as the new claim returned it.
        base: The message from which its next state is computed once the delivery has ended.
        on_settled: Called with the id of the message once it is settled or the claim is lost.
    """

    lease: Lease
    claimed: Message
    base: Message
    on_settled: Callable[[Collection[MessageId]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimContext:
    """The lease of a claim, and how its deliveries report back.

    Attributes:
        lease: The lease whose fencing token the claims carry.
        may_start: Returns whether a delivery may still be started.
        on_retry: Called after messages were scheduled for another attempt. The leader does not know of that due
            time, which may be earlier than the one it sleeps until.
        on_settled: Called with the ids of messages as soon as they are settled or their claims are lost.
        adopted: The messages that were claimed again under a later lease meanwhile. Empty unless a lease was lost.
    """

    lease: Lease
    may_start: Callable[[], bool]
    on_retry: Callable[[], None] = lambda: None
    on_settled: Callable[[Collection[MessageId]], None] = lambda _: None
    adopted: dict[MessageId, AdoptedClaim] = field(default_factory=dict, compare=False)

    def base_of(self, message: Message) -> Message:
        """Returns the message from which the next state of a delivered message is computed."""
        adopted = self.adopted.get(message.id)
        return message if adopted is None else adopted.base
