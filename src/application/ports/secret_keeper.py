"""The port that keeps a secret which all instances share."""

from __future__ import annotations

from typing import Protocol


class SecretKeeper(Protocol):
    """Keeps the secret that webhooks are signed with where none is configured."""

    async def keep(self, proposed: str) -> str:
        """Keeps a secret, unless one is kept already, and returns the one that is kept. Atomic.

        So all who ask have the same from the first call on, whatever each has proposed.

        Raises:
            StoreUnavailableError: the store did not answer; what is kept is unknown.
        """
        ...
