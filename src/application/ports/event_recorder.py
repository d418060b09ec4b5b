"""The port that records events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..events.events import Event


class EventRecorder(Protocol):
    """Turns typed events into log lines, metrics and traces. Tests wait for the events."""

    def record(self, event: Event) -> None:
        """Records one event. Returns at once and never raises."""
        ...
