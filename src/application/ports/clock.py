"""The port through which time enters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """Tells the time and waits for it, so that tests own both."""

    def now(self) -> datetime:
        """Returns the present as an aware UTC datetime: the store's idea of it, as well as it is known here."""
        ...

    def monotonic(self) -> float:
        """Returns seconds since some fixed moment; it never goes back, whatever happens to `now`."""
        ...

    async def sleep_until(self, moment: float) -> None:
        """Returns once `monotonic()` is at least `moment`; at once if it is already. May be cancelled."""
        ...
