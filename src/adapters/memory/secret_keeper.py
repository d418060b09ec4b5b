"""The secret keeper in the memory of this process."""

from __future__ import annotations


class MemorySecretKeeper:
    """Keeps the secret that is proposed first."""

    def __init__(self) -> None:
        self._secret: str | None = None

    async def keep(self, proposed: str) -> str:
        """Stores the proposed secret if none is stored yet; returns the stored one."""
        if self._secret is None:
            self._secret = proposed
        return self._secret
