from __future__ import annotations

from datetime import timedelta

import pytest

from postdate.adapters.memory.clock import ManualClock
from postdate.receiver import MemoryDeliveries, Verdict
from tests.contracts.deliveries import DeliveriesContract


class TestMemoryDeliveries(DeliveriesContract):
    @pytest.fixture
    def deliveries(self) -> MemoryDeliveries:
        return MemoryDeliveries()


async def test_a_claim_and_a_handled_message_are_forgotten_after_their_time() -> None:
    clock = ManualClock()
    deliveries = MemoryDeliveries(timedelta(minutes=5), timedelta(days=3), clock.monotonic)
    await deliveries.claim("a", "one")
    clock.advance(timedelta(minutes=5))
    assert await deliveries.claim("a", "two") is Verdict.NEW
    await deliveries.finish("a", "one")
    clock.advance(timedelta(days=2))
    assert await deliveries.claim("a", "three") is Verdict.DONE
    clock.advance(timedelta(days=1))
    assert await deliveries.claim("a", "four") is Verdict.NEW
