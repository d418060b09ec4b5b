"""The port that distributes message events to the listeners of all instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..events.message_event import MessageEvent

BEGINNING = "0-0"
"""The position before the first entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """The events that one instance has written together.

    Attributes:
        id: The position of the entry in the feed.
        events: The events. An entry without events marks a gap: nobody listened before, so events may be missing.
    """

    id: str
    events: Sequence[MessageEvent] = ()


class EventFeed(Protocol):
    """Distributes the message events of all instances of a namespace to all listeners, while there are any.

    It keeps the latest entries for a while, for listeners that reconnect.

    Every method raises `StoreUnavailableError` when the store does not answer.
    """

    async def append(self, events: Sequence[MessageEvent]) -> None:
        """Appends an entry, and removes the oldest entries if there are too many.

        Raises:
            StoreFullError: The store has no room.
        """
        ...

    async def has_listeners(self) -> bool:
        """Returns whether there was a listener within the last minute. If not, events need not be appended."""
        ...

    async def listen(self) -> None:
        """Records that there is a listener. If there was none within the last minute, appends an empty entry."""
        ...

    async def latest(self) -> str:
        """Returns the id of the last entry; `BEGINNING` if there is none."""
        ...

    async def has(self, entry_id: str) -> bool:
        """Returns whether the entry is still kept. If it is, all later entries are, too."""
        ...

    async def read(self, after: str, limit: int, *, inclusive: bool = False) -> Sequence[FeedEntry]:
        """Returns up to `limit` entries after an entry, in order. Does not wait for new entries.

        If `inclusive`, the first entry returned is that entry itself.
        """
        ...
