"""The port for the current time and for sleeping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """Tells the time and sleeps, so that tests control both."""

    def now(self) -> datetime:
        """Returns the current time of the store, as exactly as this process knows it, as an aware UTC datetime."""
        ...

    def monotonic(self) -> float:
        """Returns the seconds since a fixed instant. Never decreases, even if `now` is set back."""
        ...

    async def sleep_until(self, wake_at: float) -> None:
        """Returns once `monotonic()` is at least `wake_at`, or at once if it already is. Can be cancelled."""
        ...
