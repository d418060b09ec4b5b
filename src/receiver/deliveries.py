"""The port that remembers which messages were received."""

from __future__ import annotations

from enum import Enum
from typing import Protocol


class Verdict(Enum):
    """What is known about a message when a caller claims it."""

    NEW = "new"
    """The caller has the claim and must handle the message."""
    IN_PROGRESS = "in progress"
    """Another caller has the claim."""
    DONE = "done"
    """The message was handled."""


class Deliveries(Protocol):
    """Remembers messages by id. Each method is atomic across all processes that share the memory."""

    async def claim(self, message_id: str, owner: str) -> Verdict:
        """Claims a message for an owner.

        Only one caller gets `NEW`; it must then finish or release the claim as the same owner. A claim runs out
        after some time, so that another attempt can handle the message after a crash.
        """
        ...

    async def finish(self, message_id: str, owner: str) -> None:
        """Remembers a message as handled, for as long as repetitions may come, even if the claim ran out."""
        ...

    async def release(self, message_id: str, owner: str) -> None:
        """Removes the owner's claim, so that the next attempt is handled. A claim that ran out stays as it is."""
        ...
