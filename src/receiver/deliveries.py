"""The port that remembers which messages were here."""

from __future__ import annotations

from enum import Enum
from typing import Protocol


class Verdict(Enum):
    """What is known of a message."""

    NEW = "new"
    """It is the caller's to handle now."""
    IN_PROGRESS = "in progress"
    """Somebody handles it at this moment."""
    DONE = "done"
    """It was handled."""


class Deliveries(Protocol):
    """Remembers messages by their id. Each method is atomic, over all processes that share what is remembered."""

    async def claim(self, message_id: str, owner: str) -> Verdict:
        """Returns `NEW` to one caller, who is then to finish or to release it, under the name it gave.

        A claim runs out by itself after a while, so that a crash does not keep the message from being handled.
        """
        ...

    async def finish(self, message_id: str, owner: str) -> None:
        """Remembers a message as handled, for as long as repetitions may come. Also when the claim ran out."""
        ...

    async def release(self, message_id: str, owner: str) -> None:
        """Forgets the claim of that owner, so that the next attempt is handled; nothing if it has run out."""
        ...
