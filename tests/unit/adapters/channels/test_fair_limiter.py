from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.fair_limiter import CHECK_INTERVAL_SECONDS, FairLimiter
from postdate.adapters.channels.waiting_queue import (
    MAX_DEFERRAL_SECONDS,
    MAX_WAIT_SECONDS,
    MIN_DEFERRAL_SECONDS,
)
from postdate.adapters.memory.clock import ManualClock
from postdate.domain.messages.outcome import NotStarted
from tests.unit.application.world import let_others_run

if TYPE_CHECKING:
    from collections.abc import Callable

SLOTS = 12


class Scene:
    """A limiter, and the deliveries that ask it for slots."""

    def __init__(self, slots: int = SLOTS) -> None:
        self.clock = ManualClock()
        self.limiter = FairLimiter(slots, self.clock)
        self._tasks: list[asyncio.Task[NotStarted | None]] = []

    async def acquire(
        self, key: str, count: int = 1, may_start: Callable[[], bool] = lambda: True
    ) -> list[asyncio.Task[NotStarted | None]]:
        tasks = [asyncio.create_task(self.limiter.acquire(key, may_start)) for _ in range(count)]
        self._tasks += tasks
        await let_others_run()
        return tasks

    async def release(self, key: str, count: int = 1) -> None:
        for _ in range(count):
            self.limiter.release(key)
        await let_others_run()

    async def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds / CHECK_INTERVAL_SECONDS)):
            self.clock.advance(timedelta(seconds=CHECK_INTERVAL_SECONDS))
            await let_others_run()


@pytest.fixture
def scene() -> Scene:
    return Scene()


def admitted(tasks: list[asyncio.Task[NotStarted | None]]) -> int:
    return sum(task.done() and task.result() is None for task in tasks)


def waiting(tasks: list[asyncio.Task[NotStarted | None]]) -> int:
    return sum(not task.done() for task in tasks)


def deferrals(tasks: list[asyncio.Task[NotStarted | None]]) -> list[timedelta]:
    outcomes = [task.result() for task in tasks if task.done()]
    return [outcome.wait for outcome in outcomes if outcome is not None and outcome.wait is not None]


async def test_one_key_gets_half_of_the_slots_and_the_next_key_always_finds_some(scene: Scene) -> None:
    assert admitted(await scene.acquire("a", 100)) == 6
    assert admitted(await scene.acquire("b", 100)) == 3
    assert admitted(await scene.acquire("c", 100)) == 2
    assert admitted(await scene.acquire("d", 100)) == 1


async def test_a_single_slot_serves_all_keys_in_turn() -> None:
    scene = Scene(slots=1)
    for key in ("a", "b"):
        assert admitted(await scene.acquire(key)) == 1
        await scene.release(key)


async def test_waiters_are_admitted_in_order_as_slots_are_released(scene: Scene) -> None:
    tasks = await scene.acquire("a", 9)
    assert [task.done() for task in tasks] == [True] * 6 + [False] * 3
    await scene.release("a")
    assert [task.done() for task in tasks] == [True] * 7 + [False] * 2
    await scene.release("a", 6)
    assert admitted(tasks) == 9


async def test_free_slots_go_to_one_queue_after_the_other(scene: Scene) -> None:
    by_key = {key: await scene.acquire(key, 100) for key in "abcde"}
    assert [admitted(tasks) for tasks in by_key.values()] == [6, 3, 2, 1, 0]
    await scene.release("a", 4)
    # The shares become equal as far as the first key has released its slots: five keys share 12 slots, and an
    # equal share stays free.
    assert [admitted(tasks) for tasks in by_key.values()] == [6, 3, 2, 2, 2]


async def test_a_delivery_that_may_not_start_gets_no_slot(scene: Scene) -> None:
    (task,) = await scene.acquire("a", may_start=lambda: False)
    assert task.result() == NotStarted()
    assert admitted(await scene.acquire("a", 100)) == 6


async def test_a_waiter_that_may_not_start_any_more_stops_waiting(scene: Scene) -> None:
    stopping = False
    tasks = await scene.acquire("a", 9, may_start=lambda: not stopping)
    stopping = True
    await scene.pass_time(CHECK_INTERVAL_SECONDS)
    assert [task.result() for task in tasks[6:]] == [NotStarted()] * 3


async def test_a_free_slot_passes_to_the_next_waiter_when_the_first_may_not_start(scene: Scene) -> None:
    stopping = False
    await scene.acquire("a", 6)
    stopped = await scene.acquire("a", 1, may_start=lambda: not stopping)
    other = await scene.acquire("a", 1)
    stopping = True
    await scene.release("a")
    assert stopped[0].result() == NotStarted()
    assert admitted(other) == 1


async def test_a_queue_that_does_not_move_keeps_as_many_waiters_as_are_in_flight(scene: Scene) -> None:
    tasks = await scene.acquire("slow", 100)
    await scene.pass_time(MAX_WAIT_SECONDS - CHECK_INTERVAL_SECONDS)
    assert waiting(tasks) == 94
    await scene.pass_time(CHECK_INTERVAL_SECONDS)
    assert (admitted(tasks), waiting(tasks)) == (6, 6)
    assert waiting(tasks[:12]) == 6
    waits = deferrals(tasks)
    assert len(waits) == 88
    assert waits == sorted(waits)
    first, last = timedelta(seconds=MIN_DEFERRAL_SECONDS), timedelta(seconds=MIN_DEFERRAL_SECONDS + 0.1)
    assert first <= waits[0] < waits[-1] < last


async def test_a_delivery_to_a_busy_key_is_deferred_at_once_and_for_a_limited_time(scene: Scene) -> None:
    await scene.acquire("slow", 20)
    await scene.pass_time(MAX_WAIT_SECONDS)
    (wait,) = deferrals(await scene.acquire("slow"))
    assert wait > timedelta(seconds=MIN_DEFERRAL_SECONDS)
    waits = deferrals([task for _ in range(10) for task in await scene.acquire("slow", 10_000)])
    assert max(waits) == timedelta(seconds=MAX_DEFERRAL_SECONDS)
    assert admitted(await scene.acquire("quick")) == 1


async def test_a_key_whose_queue_moves_on_is_not_busy_any_more(scene: Scene) -> None:
    tasks = await scene.acquire("slow", 20)
    await scene.pass_time(MAX_WAIT_SECONDS)
    assert waiting(tasks) == 6
    await scene.release("slow", 6)
    again = await scene.acquire("slow", 1)
    await scene.release("slow", 6)
    assert admitted(again) == 1
    assert waiting(await scene.acquire("slow", 20)) > 6


async def test_a_queue_that_moves_fast_enough_defers_nothing(scene: Scene) -> None:
    tasks = await scene.acquire("quick", 60)
    for _ in range(round(MAX_WAIT_SECONDS / CHECK_INTERVAL_SECONDS) + 2):
        await scene.release("quick", 6)
        await scene.pass_time(CHECK_INTERVAL_SECONDS)
    assert deferrals(tasks) == []


async def test_a_cancelled_waiter_leaves_the_queue(scene: Scene) -> None:
    tasks = await scene.acquire("a", 8)
    tasks[6].cancel()
    await let_others_run()
    await scene.release("a")
    assert tasks[6].cancelled()
    assert admitted(tasks[7:]) == 1


async def test_a_waiter_that_is_cancelled_just_after_its_admission_passes_its_slot_to_the_next(
    scene: Scene,
) -> None:
    tasks = await scene.acquire("a", 8)
    scene.limiter.release("a")
    tasks[6].cancel()
    await let_others_run()
    assert tasks[6].cancelled()
    assert admitted(tasks[7:]) == 1


async def test_keys_without_deliveries_are_forgotten(scene: Scene) -> None:
    for number in range(100):
        (task,) = await scene.acquire(f"host{number}")
        assert task.result() is None
        await scene.release(f"host{number}")
    assert len(scene.limiter) == 0
