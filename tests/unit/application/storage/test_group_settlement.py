from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from postdate.application.storage.group_settlement import MAX_BATCH, MIN_ALONE, GroupSettlement
from postdate.domain.errors import StoreUnavailableError
from tests.unit.application.world import PARTITION, World, let_others_run, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from postdate.domain.ids import MessageId
    from postdate.domain.lease import Lease
    from postdate.domain.messages.message import Message


class GatedClaims:
    """Settles once its gate is open, reports the given ids as lost, and records the calls."""

    def __init__(self) -> None:
        self.calls: list[list[MessageId]] = []
        self.gate = asyncio.Event()
        self.lost: frozenset[MessageId] = frozenset()
        self.errors: list[Exception] = []

    async def settle(self, _: Lease, messages: Sequence[Message]) -> frozenset[MessageId]:
        self.calls.append([message.id for message in messages])
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        return self.lost & set(self.calls[-1])


class Scene:
    def __init__(self, world: World, lease: Lease) -> None:
        self.world = world
        self.lease = lease
        self.claims = GatedClaims()
        self.group = GroupSettlement(self.claims)  # type: ignore[arg-type]  # nothing but `settle` is called

    def settle(self, *messages: Message, lease: Lease | None = None) -> asyncio.Task[frozenset[MessageId]]:
        return asyncio.create_task(self.group.settle(lease or self.lease, messages))

    def messages(self, count: int) -> list[Message]:
        return [self.world.message(seconds(0)) for _ in range(count)]

    @property
    def sizes(self) -> list[int]:
        return [len(call) for call in self.claims.calls]


@pytest.fixture
async def scene(world: World) -> Scene:
    return Scene(world, await world.locks.acquire(PARTITION, "a", seconds(2)))


async def test_settlements_that_arrive_during_a_batch_become_the_next_batch(scene: Scene) -> None:
    calls = [scene.settle(message) for message in scene.messages(10)]
    await let_others_run()
    assert scene.sizes == [1]
    scene.claims.gate.set()
    await asyncio.gather(*calls)
    assert scene.sizes == [1, 9]
    await scene.settle(*scene.messages(3))
    assert scene.sizes == [1, 9, 3]


async def test_a_large_settlement_is_sent_at_once_and_batches_are_bounded(scene: Scene) -> None:
    calls = [scene.settle(*scene.messages(MIN_ALONE)), scene.settle(*scene.messages(1))]
    calls += [scene.settle(*scene.messages(MIN_ALONE - 1)) for _ in range(6)]
    calls.append(scene.settle(*scene.messages(MIN_ALONE)))
    await let_others_run()
    assert scene.sizes == [MIN_ALONE, 1, MIN_ALONE]
    scene.claims.gate.set()
    await asyncio.gather(*calls)
    assert scene.sizes[3:] == [5 * (MIN_ALONE - 1), MIN_ALONE - 1]
    assert max(scene.sizes) <= MAX_BATCH


async def test_settlements_of_different_leases_do_not_wait_for_each_other(world: World, scene: Scene) -> None:
    other = await world.locks.acquire(PARTITION, "b", seconds(2))
    calls = [scene.settle(*scene.messages(1)), scene.settle(*scene.messages(1), lease=other)]
    await let_others_run()
    assert scene.sizes == [1, 1]
    scene.claims.gate.set()
    await asyncio.gather(*calls)


async def test_each_settlement_gets_only_its_own_lost_claims(scene: Scene) -> None:
    first, second, third = scene.messages(3)
    scene.claims.lost = frozenset({first.id, third.id})
    calls = [scene.settle(message) for message in (first, second, third)]
    await let_others_run()
    scene.claims.gate.set()
    assert await asyncio.gather(*calls) == [{first.id}, frozenset(), {third.id}]


async def test_an_error_reaches_every_caller_and_the_next_settlement_succeeds(scene: Scene) -> None:
    scene.claims.errors = [StoreUnavailableError("away"), StoreUnavailableError("away")]
    calls = [scene.settle(message) for message in scene.messages(3)]
    await let_others_run()
    scene.claims.gate.set()
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(it) for it in ended] == [StoreUnavailableError] * 3
    assert await scene.settle(*scene.messages(1)) == frozenset()


@pytest.mark.parametrize("cancelled", [0, 1])
async def test_a_cancelled_settlement_does_not_affect_the_others(scene: Scene, cancelled: int) -> None:
    calls = [scene.settle(message) for message in scene.messages(3)]
    await let_others_run()
    calls[cancelled].cancel()
    await let_others_run()
    scene.claims.gate.set()
    await asyncio.wait(calls)
    assert [task.cancelled() for task in calls] == [number == cancelled for number in range(3)]
