"""The secrets that sign webhooks."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..ports.secret_keeper import SecretKeeper

SECRET_BYTES = 32


class WebhookSecrets:
    """Provides the configured secrets. If none is configured, creates one and stores it for all instances."""

    def __init__(self, configured: Sequence[str], keeper: SecretKeeper, draw: Callable[[int], bytes]) -> None:
        """Creates a provider.

        Args:
            configured: The configured secrets; may be empty.
            keeper: Stores a created secret.
            draw: Returns that many random bytes, which nobody can guess.
        """
        self._secrets = tuple(configured)
        self._keeper = keeper
        self._draw = draw

    async def __call__(self) -> tuple[str, ...]:
        """Returns the secrets, each as `whsec_…`. The store is asked at most once.

        Raises:
            StoreUnavailableError: The store did not answer. The next call asks it again.
        """
        if not self._secrets:
            proposed = f"whsec_{b64encode(self._draw(SECRET_BYTES)).decode()}"
            self._secrets = (await self._keeper.keep(proposed),)
        return self._secrets
