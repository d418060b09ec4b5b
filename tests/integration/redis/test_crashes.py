from __future__ import annotations

from tests.contracts.crashes import CrashContract


class TestRedisAfterCrashes(CrashContract):
    pass
