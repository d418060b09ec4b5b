"""The port that keeps the secret that all instances share."""

from __future__ import annotations

from typing import Protocol


class SecretKeeper(Protocol):
    """Keeps the secret that signs webhooks if none is configured."""

    async def keep(self, proposed: str) -> str:
        """Stores the proposed secret if none is stored yet, and returns the stored one. Atomic.

        All instances therefore get the same secret, whichever they propose.

        Raises:
            StoreUnavailableError: The store did not answer. It is unknown which secret is stored.
        """
        ...
