"""The port that is told what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..events.events import Event


class EventRecorder(Protocol):
    """Takes typed events, which become log lines, metrics and traces; in tests, what to wait for."""

    def record(self, event: Event) -> None:
        """Takes one event. Returns at once, never raises."""
        ...
