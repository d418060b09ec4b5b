from __future__ import annotations

from tests.contracts.lease_lock import LeaseLockContract


class TestMemoryLeaseLock(LeaseLockContract):
    pass
