"""The feed of what happens, in this process's memory."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ...application.ports.event_feed import BEGINNING, FeedEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...application.events.message_event import MessageEvent
    from ...application.ports.clock import Clock

HEARD_FOR = timedelta(minutes=1)


class MemoryEventFeed:
    """Keeps entries in a list. Its clock is the one it is given."""

    def __init__(self, clock: Clock, most: int = 1_000) -> None:
        self._clock = clock
        self._most = most
        self._entries: list[FeedEntry] = []
        self._count = 0
        self._heard_until = clock.now()

    async def append(self, events: Sequence[MessageEvent]) -> None:
        """Adds an entry."""
        self._count += 1
        self._entries.append(FeedEntry(id=f"{self._count}-0", events=tuple(events)))
        del self._entries[: -self._most]

    async def has_listeners(self) -> bool:
        """Returns whether somebody listens."""
        return self._clock.now() < self._heard_until

    async def listen(self) -> None:
        """Says that somebody listens."""
        if not await self.has_listeners():
            await self.append(())
        self._heard_until = self._clock.now() + HEARD_FOR

    async def latest(self) -> str:
        """Returns the last id."""
        return self._entries[-1].id if self._entries else BEGINNING

    async def has(self, entry_id: str) -> bool:
        """Looks for an entry."""
        return any(entry.id == entry_id for entry in self._entries)

    async def read(self, after: str, limit: int, *, inclusive: bool = False) -> Sequence[FeedEntry]:
        """Returns entries behind one."""
        place = _place(after) - inclusive
        return [entry for entry in self._entries if _place(entry.id) > place][:limit]


def _place(entry_id: str) -> int:
    return int(entry_id.partition("-")[0])
