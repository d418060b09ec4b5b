"""What webhooks are signed with."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..ports.secret_keeper import SecretKeeper

SECRET_BYTES = 32


class WebhookSecrets:
    """The secrets that are configured; without any, one that is made once and kept for all instances."""

    def __init__(self, configured: Sequence[str], keeper: SecretKeeper, draw: Callable[[int], bytes]) -> None:
        """Takes `draw` to return as many random bytes as it is asked for, such as nobody can guess."""
        self._secrets = tuple(configured)
        self._keeper = keeper
        self._draw = draw

    async def __call__(self) -> tuple[str, ...]:
        """Returns the secrets, each as `whsec_…`. The store is asked once.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        if not self._secrets:
            proposed = f"whsec_{b64encode(self._draw(SECRET_BYTES)).decode()}"
            self._secrets = (await self._keeper.keep(proposed),)
        return self._secrets
