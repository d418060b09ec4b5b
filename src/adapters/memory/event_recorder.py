"""An event recorder that keeps events, so that tests can read them and wait for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ...application.events.events import Event

E = TypeVar("E", bound="Event")


class MemoryEventRecorder:
    """Keeps all events, in order."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._read = 0
        self._recorded = asyncio.Event()

    def record(self, event: Event) -> None:
        """Keeps an event, and wakes the callers of `next`."""
        self.events.append(event)
        self._recorded.set()

    def of(self, kind: type[E]) -> list[E]:
        """Returns all events of a class so far."""
        return [event for event in self.events if isinstance(event, kind)]

    async def next(self, kind: type[E]) -> E:
        """Returns the first event of a class after the event that it returned before; waits for one if needed."""
        while True:
            while self._read < len(self.events):
                event = self.events[self._read]
                self._read += 1
                if isinstance(event, kind):
                    return event
            self._recorded.clear()
            await self._recorded.wait()
