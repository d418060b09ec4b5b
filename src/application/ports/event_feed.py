"""The port through which those who watch learn what happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..events.message_event import MessageEvent

BEGINNING = "0-0"
"""What stands before every entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """What one instance has written at once.

    Attributes:
        id: its place in the feed.
        events: what has happened; nothing where nobody had listened before, so that something may be missing.
    """

    id: str
    events: Sequence[MessageEvent] = ()


class EventFeed(Protocol):
    """Carries what happens in all instances of a namespace to all who watch, while somebody does.

    It keeps the last of it for a while, for those who come back. Every method may raise `StoreUnavailableError`.
    """

    async def append(self, events: Sequence[MessageEvent]) -> None:
        """Adds an entry, and forgets the oldest of what is too much.

        Raises:
            StoreFullError: there is no room.
        """
        ...

    async def has_listeners(self) -> bool:
        """Returns whether somebody has listened within the last minute: nothing need be added for nobody."""
        ...

    async def listen(self) -> None:
        """Says that somebody listens. If nobody did within the last minute, adds an entry without events."""
        ...

    async def latest(self) -> str:
        """Returns the id of the last entry; `BEGINNING` if there is none."""
        ...

    async def has(self, entry_id: str) -> bool:
        """Returns whether that entry is kept, and with it all that came after it."""
        ...

    async def read(self, after: str, limit: int, *, inclusive: bool = False) -> Sequence[FeedEntry]:
        """Returns up to `limit` entries behind one, or from that one on, in order. It does not wait for any."""
        ...
