"""The contract of a doorbell."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.contracts.world import FIRST, FIRST_OF_TWO_DIGITS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from postdate.application.ports.doorbell import Doorbell
    from postdate.domain.lease import Partition

PATIENCE_SECONDS = 10


class Ear:
    """A listener that counts rings and waits for them."""

    def __init__(self) -> None:
        self.rings = 0
        self.loops: set[asyncio.AbstractEventLoop] = set()
        self._rung = asyncio.Event()

    def __call__(self) -> None:
        self.rings += 1
        self.loops.add(asyncio.get_running_loop())
        self._rung.set()

    async def hears_one(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._rung.wait()
        self._rung.clear()


class DoorbellContract:
    """Needs a fixture `doorbell: Doorbell`. If entering a context rings, `listening` waits for that ring."""

    @asynccontextmanager
    async def listening(self, doorbell: Doorbell, partition: Partition = FIRST) -> AsyncIterator[Ear]:
        """Listens, and yields once no ring can be missed."""
        ear = Ear()
        async with doorbell.listen(partition, ear):
            yield ear

    async def test_a_listener_hears_a_ring(self, doorbell: Doorbell) -> None:
        async with self.listening(doorbell) as ear:
            doorbell.ring({FIRST})
            await ear.hears_one()

    async def test_a_listener_hears_ring_after_ring(self, doorbell: Doorbell) -> None:
        async with self.listening(doorbell) as ear:
            for _ in range(3):
                doorbell.ring({FIRST})
                await ear.hears_one()

    async def test_rings_in_quick_succession_are_heard_at_least_once(self, doorbell: Doorbell) -> None:
        async with self.listening(doorbell) as ear:
            for _ in range(100):
                doorbell.ring({FIRST})
            await ear.hears_one()
            assert ear.rings <= 100

    async def test_every_listener_of_a_partition_hears_a_ring(self, doorbell: Doorbell) -> None:
        async with self.listening(doorbell) as one, self.listening(doorbell) as other:
            doorbell.ring({FIRST})
            await one.hears_one()
            await other.hears_one()

    async def test_a_listener_hears_no_ring_of_another_partition(self, doorbell: Doorbell) -> None:
        async with self.listening(doorbell) as ear, self.listening(doorbell, FIRST_OF_TWO_DIGITS) as other:
            before = ear.rings
            doorbell.ring({FIRST_OF_TWO_DIGITS})
            await other.hears_one()
            assert ear.rings == before

    async def test_a_ring_may_be_for_many_partitions(self, doorbell: Doorbell) -> None:
        async with self.listening(doorbell) as ear, self.listening(doorbell, FIRST_OF_TWO_DIGITS) as other:
            doorbell.ring({FIRST, FIRST_OF_TWO_DIGITS})
            await ear.hears_one()
            await other.hears_one()

    async def test_a_listener_whose_context_has_ended_hears_nothing(self, doorbell: Doorbell) -> None:
        async with self.listening(doorbell) as gone:
            pass
        before = gone.rings
        async with self.listening(doorbell) as ear:
            doorbell.ring({FIRST})
            await ear.hears_one()
        assert gone.rings == before

    async def test_a_ring_that_nobody_hears_does_no_harm(self, doorbell: Doorbell) -> None:
        doorbell.ring({FIRST})
        doorbell.ring(())
        async with self.listening(doorbell) as ear:
            doorbell.ring({FIRST})
            await ear.hears_one()

    async def test_a_ring_is_heard_in_the_event_loop_of_the_listener(self, doorbell: Doorbell) -> None:
        async with self.listening(doorbell) as ear:
            doorbell.ring({FIRST})
            await ear.hears_one()
        assert ear.loops == {asyncio.get_running_loop()}
