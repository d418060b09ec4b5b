"""An event recorder that publishes message events to live listeners."""

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

    _Buffered = tuple[datetime, Event, Sequence[Message], int]

LISTENER_CHECK_SECONDS = 0.5
"""The time between two checks for listeners. A new listener receives the events since the check before last."""
WRITE_INTERVAL_SECONDS = 0.05
"""The time between two writes to the feed while there are listeners."""
MAX_EVENTS_PER_ENTRY = 100
MAX_BUFFERED_BYTES = 16_777_216
"""The limit of the messages whose events are buffered until they are written, or until no listener needs them."""
_MESSAGE_OVERHEAD_BYTES = 1_000
"""About the memory that a buffered message takes in addition to its body."""


class LiveEventRecorder:
    """Buffers events for a short time, and writes them to the feed in the background while there are listeners.

    Without listeners an event only passes through the buffer, and the store is asked for listeners twice a second.
    If there are too many events, or the store is away, the oldest are dropped: deliveries never wait.
    """

    def __init__(self, recorder: EventRecorder, feed: EventFeed, clock: Clock) -> None:
        """Passes each event to `recorder` before it buffers the event for `feed`."""
        self._recorder = recorder
        self._feed = feed
        self._clock = clock
        self._buffer: deque[_Buffered] = deque()
        self._buffered_bytes = 0
        self._has_gap = False

    def record(self, event: Event) -> None:
        """Passes an event on, and buffers it if listeners receive events of its type."""
        self._recorder.record(event)
        messages = messages_of(event)
        if messages:
            size = sum([len(message.body) for message in messages]) + _MESSAGE_OVERHEAD_BYTES * len(messages)
            self._buffer.append((self._clock.now(), event, messages, size))
            self._buffered_bytes += size
            while self._buffered_bytes > MAX_BUFFERED_BYTES:
                self._pop_oldest()
                self._has_gap = True

    async def keep_writing(self) -> None:
        """Writes buffered events while there are listeners. Runs until cancelled."""
        checked_at = self._clock.now()
        while True:
            has_listeners = False
            with suppress(PostdateError):
                has_listeners = await self._feed.has_listeners()
            if has_listeners:
                await self._write_until_next_check()
            else:
                # Events since the last check stay: a listener that has just come may need them.
                self._drop_before(checked_at)
                self._has_gap = False
                checked_at = self._clock.now()
                await self._clock.sleep_until(self._clock.monotonic() + LISTENER_CHECK_SECONDS)

    async def flush(self) -> None:
        """Writes the rest of the buffer if there are listeners. Does not raise.

        To be called after the last event and after the end of `keep_writing`.
        """
        with suppress(PostdateError):
            if await self._feed.has_listeners():
                await self._write()

    async def _write_until_next_check(self) -> None:
        next_check = self._clock.monotonic() + LISTENER_CHECK_SECONDS
        while self._clock.monotonic() < next_check:
            await self._write()
            await self._clock.sleep_until(self._clock.monotonic() + WRITE_INTERVAL_SECONDS)

    async def _write(self) -> None:
        """Writes the buffer to the feed. Events that could not be written leave a gap, which is written first."""
        try:
            if self._has_gap:
                await self._feed.append(())
                self._has_gap = False
            for events in self._pop_entries():
                await self._feed.append(events)
        except PostdateError:
            self._has_gap = True

    def _pop_entries(self) -> Iterator[Sequence[MessageEvent]]:
        """Removes the events that are buffered now, and yields them entry by entry."""
        entry: list[MessageEvent] = []
        for _ in range(len(self._buffer)):
            if not self._buffer:
                break
            at, event, messages = self._pop_oldest()
            for message in messages:
                entry.append(message_event_of(event, message, at))
                if len(entry) == MAX_EVENTS_PER_ENTRY:
                    yield entry
                    entry = []
        if entry:
            yield entry

    def _drop_before(self, time: datetime) -> None:
        while self._buffer and self._buffer[0][0] < time:
            self._pop_oldest()

    def _pop_oldest(self) -> tuple[datetime, Event, Sequence[Message]]:
        at, event, messages, size = self._buffer.popleft()
        self._buffered_bytes -= size
        return at, event, messages
