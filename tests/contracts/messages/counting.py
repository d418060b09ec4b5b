from __future__ import annotations

from datetime import timedelta

from tests.contracts.world import FIRST, FIRST_OF_TWO_DIGITS, MS, StoreWorld

SECOND = timedelta(seconds=1)


class Counting:
    async def test_every_count_of_an_empty_partition_is_zero(self, world: StoreWorld) -> None:
        assert list(await world.store.count_due(FIRST, world.clock.now(), SECOND, 3)) == [0, 0, 0]

    async def test_a_step_includes_its_start_and_excludes_its_end(self, world: StoreWorld) -> None:
        begins = world.clock.now()
        for due_in in (SECOND - MS, SECOND, 2 * SECOND - MS, 2 * SECOND, 3 * SECOND):
            await world.added(due_in)
        assert list(await world.store.count_due(FIRST, begins, SECOND, 3)) == [1, 2, 1]

    async def test_overdue_messages_count_in_the_first_step(self, world: StoreWorld) -> None:
        await world.added(-3 * SECOND)
        assert list(await world.store.count_due(FIRST, world.clock.now(), SECOND, 2)) == [1, 0]

    async def test_only_waiting_messages_are_counted(self, world: StoreWorld) -> None:
        lease = await world.lease()
        await world.delivered(lease)
        await world.died(lease)
        await world.claimed(lease)
        await world.cancel((await world.added()).id)
        await world.writer.add([world.message(partition=FIRST_OF_TWO_DIGITS)])
        assert list(await world.store.count_due(FIRST, world.clock.now(), SECOND, 1)) == [0]

    async def test_many_steps_are_counted_without_a_gap(self, world: StoreWorld) -> None:
        await world.writer.add([world.message(number * MS) for number in range(2500)])
        await world.added(-SECOND)
        counts = list(await world.store.count_due(FIRST, world.clock.now(), MS, 2400))
        assert counts == [2] + [1] * 2399
