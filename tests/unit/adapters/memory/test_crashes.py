from __future__ import annotations

from tests.contracts.crashes import CrashContract


class TestMemoryAfterCrashes(CrashContract):
    pass
