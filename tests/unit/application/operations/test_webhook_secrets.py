from __future__ import annotations

from base64 import b64decode

import pytest

from postdate.adapters.memory.secret_keeper import MemorySecretKeeper
from postdate.application.operations.webhook_secrets import SECRET_BYTES, WebhookSecrets
from postdate.domain.errors import StoreUnavailableError


class Keeper(MemorySecretKeeper):
    """Counts its calls. The first `outages` calls raise."""

    def __init__(self, outages: int = 0) -> None:
        super().__init__()
        self.calls = 0
        self._outages = outages

    async def keep(self, proposed: str) -> str:
        self.calls += 1
        if self.calls <= self._outages:
            raise StoreUnavailableError("away")
        return await super().keep(proposed)


async def test_configured_secrets_are_used_and_none_is_stored() -> None:
    keeper = Keeper()
    assert await WebhookSecrets(("whsec_a", "whsec_b"), keeper, bytes)() == ("whsec_a", "whsec_b")
    assert keeper.calls == 0


async def test_a_secret_is_created_and_stored_for_all_if_none_is_configured() -> None:
    keeper = Keeper()
    one, other = WebhookSecrets((), keeper, lambda n: b"1" * n), WebhookSecrets((), keeper, lambda n: b"2" * n)
    (secret,) = await one()
    assert b64decode(secret.removeprefix("whsec_")) == b"1" * SECRET_BYTES
    assert await other() == (secret,)
    assert await one() == (secret,)
    assert keeper.calls == 2


async def test_an_unavailable_store_is_asked_again() -> None:
    secrets = WebhookSecrets((), Keeper(outages=1), bytes)
    with pytest.raises(StoreUnavailableError):
        await secrets()
    assert len(await secrets()) == 1
