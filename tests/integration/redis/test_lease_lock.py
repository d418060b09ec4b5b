from __future__ import annotations

from tests.contracts.lease_lock import LeaseLockContract


class TestRedisLeaseLock(LeaseLockContract):
    pass
