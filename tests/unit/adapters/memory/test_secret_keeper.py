from __future__ import annotations

import pytest

from postdate.adapters.memory.secret_keeper import MemorySecretKeeper
from tests.contracts.secret_keeper import SecretKeeperContract


class TestMemorySecretKeeper(SecretKeeperContract):
    @pytest.fixture
    def keeper(self) -> MemorySecretKeeper:
        return MemorySecretKeeper()

    @pytest.fixture
    def other(self, keeper: MemorySecretKeeper) -> MemorySecretKeeper:
        """The same one: a store in memory has no other instance."""
        return keeper
