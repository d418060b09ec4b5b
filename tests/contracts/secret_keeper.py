"""The contract of a keeper of a secret."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from postdate.application.ports.secret_keeper import SecretKeeper


class SecretKeeperContract:
    """Needs fixtures `keeper: SecretKeeper` and `other: SecretKeeper`, of two instances with the same store."""

    async def test_the_first_secret_is_kept(self, keeper: SecretKeeper, other: SecretKeeper) -> None:
        assert await keeper.keep("whsec_first") == "whsec_first"
        assert await other.keep("whsec_second") == "whsec_first"
        assert await keeper.keep("whsec_third") == "whsec_first"

    async def test_all_concurrent_callers_get_the_same_secret(
        self, keeper: SecretKeeper, other: SecretKeeper
    ) -> None:
        calls = [instance.keep(f"whsec_{n}") for n, instance in enumerate((keeper, other) * 5)]
        assert len(set(await asyncio.gather(*calls))) == 1
