"""An event recorder that lets those learn of it who watch."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from ...domain.errors import PostdateError
from ..events.message_event import message_event_of, messages_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from ...domain.messages.message import Message
    from ..events.events import Event
    from ..events.message_event import MessageEvent
    from ..ports.clock import Clock
    from ..ports.event_feed import EventFeed
    from ..ports.event_recorder import EventRecorder

    _Held = tuple[datetime, Event, Sequence[Message], int]

LOOK_EVERY = 0.5
"""Seconds between two looks whether somebody listens. What happened since the last but one is told then."""
WRITE_EVERY = 0.05
"""Seconds between two entries while somebody does."""
ENTRY = 100
"""How many events an entry holds at most."""
MAX_HELD_BYTES = 16_777_216
"""Of messages that are held until they are written down, or until it is clear that nobody listens."""
_OF_A_MESSAGE_BYTES = 1_000
"""About what one takes besides its body."""


class LiveEventRecorder:
    """Holds events for a moment, and writes them to the feed in the background if somebody listens.

    While nobody does, an event costs no more than being held, and the store a question twice a second. Where too
    much happens, or the store is away, the oldest is dropped: deliveries never wait for those who watch.
    """

    def __init__(self, recorder: EventRecorder, feed: EventFeed, clock: Clock) -> None:
        """Passes every event on to another recorder first."""
        self._recorder = recorder
        self._feed = feed
        self._clock = clock
        self._held: deque[_Held] = deque()
        self._held_bytes = 0
        self._missing = False

    def record(self, event: Event) -> None:
        """Takes an event."""
        self._recorder.record(event)
        messages = messages_of(event)
        if messages:
            size = sum([len(message.body) for message in messages]) + _OF_A_MESSAGE_BYTES * len(messages)
            self._held.append((self._clock.now(), event, messages, size))
            self._held_bytes += size
            while self._held_bytes > MAX_HELD_BYTES:
                self._drop()
                self._missing = True

    async def keep_writing(self) -> None:
        """Writes what was recorded, while somebody listens, until cancelled."""
        looked_at = self._clock.now()
        while True:
            has_listeners = False
            with suppress(PostdateError):
                has_listeners = await self._feed.has_listeners()
            if has_listeners:
                await self._write_for_a_while()
            else:
                # What came since then may be news for one who begins to listen now.
                self._drop_before(looked_at)
                self._missing = False
                looked_at = self._clock.now()
                await self._clock.sleep_until(self._clock.monotonic() + LOOK_EVERY)

    async def _write_for_a_while(self) -> None:
        until = self._clock.monotonic() + LOOK_EVERY
        while self._clock.monotonic() < until:
            await self._write()
            await self._clock.sleep_until(self._clock.monotonic() + WRITE_EVERY)

    async def finish(self) -> None:
        """Writes the rest, once nothing is recorded any more. Does not raise."""
        with suppress(PostdateError):
            if await self._feed.has_listeners():
                await self._write()

    async def _write(self) -> None:
        """Writes what is held. What could not be written is missing, which the next entry then says."""
        try:
            if self._missing:
                await self._feed.append(())
                self._missing = False
            for events in self._taken():
                await self._feed.append(events)
        except PostdateError:
            self._missing = True

    def _taken(self) -> Iterator[Sequence[MessageEvent]]:
        """Takes what is held now, an entry at a time."""
        entry: list[MessageEvent] = []
        for _ in range(len(self._held)):
            if not self._held:
                break
            at, event, messages = self._drop()
            for message in messages:
                entry.append(message_event_of(event, message, at))
                if len(entry) == ENTRY:
                    yield entry
                    entry = []
        if entry:
            yield entry

    def _drop_before(self, moment: datetime) -> None:
        while self._held and self._held[0][0] < moment:
            self._drop()

    def _drop(self) -> tuple[datetime, Event, Sequence[Message]]:
        at, event, messages, size = self._held.popleft()
        self._held_bytes -= size
        return at, event, messages
