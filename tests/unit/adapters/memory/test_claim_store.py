from __future__ import annotations

from tests.contracts.claim_store import ClaimStoreContract


class TestMemoryClaimStore(ClaimStoreContract):
    pass
