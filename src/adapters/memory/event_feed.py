"""The event feed in the memory of this process."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ...application.ports.event_feed import BEGINNING, FeedEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...application.events.message_event import MessageEvent
    from ...application.ports.clock import Clock

LISTENER_LIFETIME = timedelta(minutes=1)
"""How long a listener counts."""


class MemoryEventFeed:
    """Keeps entries in a list, by the given clock."""

    def __init__(self, clock: Clock, max_entries: int = 1_000) -> None:
        self._clock = clock
        self._max_entries = max_entries
        self._entries: list[FeedEntry] = []
        self._count = 0
        self._listened_until = clock.now()

    async def append(self, events: Sequence[MessageEvent]) -> None:
        """Appends an entry."""
        self._count += 1
        self._entries.append(FeedEntry(id=f"{self._count}-0", events=tuple(events)))
        del self._entries[: -self._max_entries]

    async def has_listeners(self) -> bool:
        """Returns whether a listener still counts."""
        return self._clock.now() < self._listened_until

    async def listen(self) -> None:
        """Records that there is a listener."""
        if not await self.has_listeners():
            await self.append(())
        self._listened_until = self._clock.now() + LISTENER_LIFETIME

    async def latest(self) -> str:
        """Returns the id of the last entry."""
        return self._entries[-1].id if self._entries else BEGINNING

    async def has(self, entry_id: str) -> bool:
        """Searches for an entry."""
        return any(entry.id == entry_id for entry in self._entries)

    async def read(self, after: str, limit: int, *, inclusive: bool = False) -> Sequence[FeedEntry]:
        """Returns entries after an entry."""
        start = _number_of(after) - inclusive
        return [entry for entry in self._entries if _number_of(entry.id) > start][:limit]


def _number_of(entry_id: str) -> int:
    return int(entry_id.partition("-")[0])
