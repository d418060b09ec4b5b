"""A secret in this process's memory."""

from __future__ import annotations


class MemorySecretKeeper:
    """Keeps the first secret that is proposed."""

    def __init__(self) -> None:
        self._kept: str | None = None

    async def keep(self, proposed: str) -> str:
        """Keeps a secret unless one is kept already; returns the one that is."""
        if self._kept is None:
            self._kept = proposed
        return self._kept
