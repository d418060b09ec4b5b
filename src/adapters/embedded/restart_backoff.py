"""How long to wait before the server is restarted."""

from __future__ import annotations

FIRST_SECONDS = 0.1
MAX_SECONDS = 2.0

# A server that ran this long did not end for the same reason as the one before it.
STABLE_SECONDS = 10.0


class RestartBackoff:
    """A delay that doubles while servers end early, so that a full disk does not keep a core busy."""

    def __init__(self) -> None:
        self._latest_seconds = 0.0

    def after(self, lifetime_seconds: float) -> float:
        """Returns the delay in seconds after a server with this lifetime; 0 after `STABLE_SECONDS` or more."""
        doubled = min(max(FIRST_SECONDS, 2 * self._latest_seconds), MAX_SECONDS)
        self._latest_seconds = 0.0 if lifetime_seconds >= STABLE_SECONDS else doubled
        return self._latest_seconds
