"""A recorder that keeps events, for tests to look at and to wait for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ...application.events.events import Event

E = TypeVar("E", bound="Event")


class MemoryEventRecorder:
    """Keeps every event in order."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._read = 0
        self._recorded = asyncio.Event()

    def record(self, event: Event) -> None:
        """Keeps an event and wakes whoever waits for one."""
        self.events.append(event)
        self._recorded.set()

    def of(self, kind: type[E]) -> list[E]:
        """Returns all events of a kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    async def next(self, kind: type[E]) -> E:
        """Returns the first event of a kind behind the one it returned before; waits for it if need be."""
        while True:
            while self._read < len(self.events):
                event = self.events[self._read]
                self._read += 1
                if isinstance(event, kind):
                    return event
            self._recorded.clear()
            await self._recorded.wait()
