"""What a keeper of a secret promises."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from postdate.application.ports.secret_keeper import SecretKeeper


class SecretKeeperContract:
    """Wants fixtures `keeper: SecretKeeper` and `other: SecretKeeper`, another instance's on the same store."""

    async def test_the_first_secret_is_kept(self, keeper: SecretKeeper, other: SecretKeeper) -> None:
        assert await keeper.keep("whsec_first") == "whsec_first"
        assert await other.keep("whsec_second") == "whsec_first"
        assert await keeper.keep("whsec_third") == "whsec_first"

    async def test_all_who_ask_at_once_have_the_same(self, keeper: SecretKeeper, other: SecretKeeper) -> None:
        asked = [who.keep(f"whsec_{n}") for n, who in enumerate((keeper, other) * 5)]
        assert len(set(await asyncio.gather(*asked))) == 1
