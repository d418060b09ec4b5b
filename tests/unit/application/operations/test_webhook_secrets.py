from __future__ import annotations

from base64 import b64decode

import pytest

from postdate.adapters.memory.secret_keeper import MemorySecretKeeper
from postdate.application.operations.webhook_secrets import SECRET_BYTES, WebhookSecrets
from postdate.domain.errors import StoreUnavailableError


class Keeper(MemorySecretKeeper):
    """Counts, and is away as often as a test wants."""

    def __init__(self, away: int = 0) -> None:
        super().__init__()
        self.asked = 0
        self._away = away

    async def keep(self, proposed: str) -> str:
        self.asked += 1
        if self.asked <= self._away:
            raise StoreUnavailableError("away")
        return await super().keep(proposed)


async def test_what_is_configured_counts_and_nothing_is_kept() -> None:
    keeper = Keeper()
    assert await WebhookSecrets(("whsec_a", "whsec_b"), keeper, bytes)() == ("whsec_a", "whsec_b")
    assert keeper.asked == 0


async def test_without_a_secret_one_is_made_and_kept_for_all() -> None:
    keeper = Keeper()
    one, other = WebhookSecrets((), keeper, lambda n: b"1" * n), WebhookSecrets((), keeper, lambda n: b"2" * n)
    (secret,) = await one()
    assert b64decode(secret.removeprefix("whsec_")) == b"1" * SECRET_BYTES
    assert await other() == (secret,)
    assert await one() == (secret,)
    assert keeper.asked == 2


async def test_a_store_that_is_away_is_asked_again() -> None:
    secrets = WebhookSecrets((), Keeper(away=1), bytes)
    with pytest.raises(StoreUnavailableError):
        await secrets()
    assert len(await secrets()) == 1
