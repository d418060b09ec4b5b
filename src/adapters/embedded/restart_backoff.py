"""How long to wait before a server that went away is started again."""

from __future__ import annotations

FIRST_SECONDS = 0.1
MAX_SECONDS = 2.0

# One that lived this long did not go for the reason why the one before it did.
STEADY_SECONDS = 10.0


class RestartBackoff:
    """RestartBackoff that double while servers die young, so that a full disk does not keep a core busy."""

    def __init__(self) -> None:
        self._latest = 0.0

    def after(self, lifetime_seconds: float) -> float:
        """Answers how many seconds to wait; none after a server that lived long."""
        doubled = min(max(FIRST_SECONDS, 2 * self._latest), MAX_SECONDS)
        self._latest = 0.0 if lifetime_seconds >= STEADY_SECONDS else doubled
        return self._latest
