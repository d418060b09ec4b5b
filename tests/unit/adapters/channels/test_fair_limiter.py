from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.fair_limiter import (
    AWAY_FOR,
    AWAY_FOR_AT_MOST,
    LOOK_AGAIN_AFTER,
    PATIENCE,
    FairLimiter,
)
from postdate.adapters.memory.clock import ManualClock
from postdate.domain.messages.outcome import NotStarted
from tests.unit.application.world import let_others_run

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 12


class Scene:
    """Some places, and those who have come for one, by key."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.places = FairLimiter(COUNT, self.clock)
        self.came: list[asyncio.Task[NotStarted | None]] = []

    async def come(
        self, key: str, count: int = 1, may_start: Callable[[], bool] = lambda: True
    ) -> list[asyncio.Task[NotStarted | None]]:
        tasks = [asyncio.create_task(self.places.enter(key, may_start)) for _ in range(count)]
        self.came += tasks
        await let_others_run()
        return tasks

    async def leave(self, key: str, count: int = 1) -> None:
        for _ in range(count):
            self.places.leave(key)
        await let_others_run()

    async def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds / LOOK_AGAIN_AFTER)):
            self.clock.advance(timedelta(seconds=LOOK_AGAIN_AFTER))
            await let_others_run()


@pytest.fixture
def scene() -> Scene:
    return Scene()


def admitted(tasks: list[asyncio.Task[NotStarted | None]]) -> int:
    return sum(task.done() and task.result() is None for task in tasks)


def waiting(tasks: list[asyncio.Task[NotStarted | None]]) -> int:
    return sum(not task.done() for task in tasks)


def sent_away(tasks: list[asyncio.Task[NotStarted | None]]) -> list[timedelta]:
    answers = [task.result() for task in tasks if task.done()]
    return [answer.wait for answer in answers if answer is not None and answer.wait is not None]


async def test_one_destination_gets_half_and_the_next_always_finds_some(scene: Scene) -> None:
    assert admitted(await scene.come("a", 100)) == 6
    assert admitted(await scene.come("b", 100)) == 3
    assert admitted(await scene.come("c", 100)) == 2
    assert admitted(await scene.come("d", 100)) == 1


async def test_a_single_place_is_enough_for_all_in_turn() -> None:
    scene = Scene()
    scene.places = FairLimiter(1, scene.clock)
    for key in ("a", "b"):
        assert admitted(await scene.come(key)) == 1
        await scene.leave(key)


async def test_who_waits_is_let_in_in_order_as_others_leave(scene: Scene) -> None:
    came = await scene.come("a", 9)
    assert [task.done() for task in came] == [True] * 6 + [False] * 3
    await scene.leave("a")
    assert [task.done() for task in came] == [True] * 7 + [False] * 2
    await scene.leave("a", 6)
    assert admitted(came) == 9


async def test_a_free_place_goes_to_each_line_in_turn(scene: Scene) -> None:
    lines = {key: await scene.come(key, 100) for key in "abcde"}
    assert [admitted(tasks) for tasks in lines.values()] == [6, 3, 2, 1, 0]
    await scene.leave("a", 4)
    # Equal shares, as far as those that came first have left: 12 places among five lines, and as much again free.
    assert [admitted(tasks) for tasks in lines.values()] == [6, 3, 2, 2, 2]


async def test_who_may_not_start_gets_no_place(scene: Scene) -> None:
    (task,) = await scene.come("a", may_start=lambda: False)
    assert task.result() == NotStarted()
    assert admitted(await scene.come("a", 100)) == 6


async def test_who_may_not_start_any_more_does_not_wait_on(scene: Scene) -> None:
    stopping = False
    came = await scene.come("a", 9, may_start=lambda: not stopping)
    stopping = True
    await scene.pass_time(LOOK_AGAIN_AFTER)
    assert [task.result() for task in came[6:]] == [NotStarted()] * 3


async def test_who_may_not_start_when_a_place_is_free_leaves_it_to_the_next(scene: Scene) -> None:
    stopping = False
    await scene.come("a", 6)
    stopped = await scene.come("a", 1, may_start=lambda: not stopping)
    other = await scene.come("a", 1)
    stopping = True
    await scene.leave("a")
    assert stopped[0].result() == NotStarted()
    assert admitted(other) == 1


async def test_a_line_that_does_not_move_keeps_as_many_as_are_under_way(scene: Scene) -> None:
    came = await scene.come("slow", 100)
    await scene.pass_time(PATIENCE - LOOK_AGAIN_AFTER)
    assert waiting(came) == 94
    await scene.pass_time(LOOK_AGAIN_AFTER)
    assert (admitted(came), waiting(came)) == (6, 6)
    assert waiting(came[:12]) == 6
    waits = sent_away(came)
    assert len(waits) == 88
    assert waits == sorted(waits)
    assert timedelta(seconds=AWAY_FOR) <= waits[0] < waits[-1] < timedelta(seconds=AWAY_FOR + 0.1)


async def test_who_comes_to_a_busy_destination_is_sent_away_at_once_and_not_for_ever(scene: Scene) -> None:
    await scene.come("slow", 20)
    await scene.pass_time(PATIENCE)
    (late,) = sent_away(await scene.come("slow"))
    assert late > timedelta(seconds=AWAY_FOR)
    waits = sent_away([task for _ in range(10) for task in await scene.come("slow", 10_000)])
    assert max(waits) == timedelta(seconds=AWAY_FOR_AT_MOST)
    assert admitted(await scene.come("quick")) == 1


async def test_a_destination_that_moves_on_is_not_busy_any_more(scene: Scene) -> None:
    came = await scene.come("slow", 20)
    await scene.pass_time(PATIENCE)
    assert waiting(came) == 6
    await scene.leave("slow", 6)
    again = await scene.come("slow", 1)
    await scene.leave("slow", 6)
    assert admitted(again) == 1
    assert waiting(await scene.come("slow", 20)) > 6


async def test_a_line_that_moves_fast_enough_keeps_all(scene: Scene) -> None:
    came = await scene.come("quick", 60)
    for _ in range(round(PATIENCE / LOOK_AGAIN_AFTER) + 2):
        await scene.leave("quick", 6)
        await scene.pass_time(LOOK_AGAIN_AFTER)
    assert sent_away(came) == []


async def test_who_gives_up_leaves_the_line(scene: Scene) -> None:
    came = await scene.come("a", 8)
    came[6].cancel()
    await let_others_run()
    await scene.leave("a")
    assert came[6].cancelled()
    assert admitted(came[7:]) == 1


async def test_who_gives_up_in_the_moment_of_being_let_in_leaves_the_place_to_the_next(scene: Scene) -> None:
    came = await scene.come("a", 8)
    scene.places.leave("a")
    came[6].cancel()
    await let_others_run()
    assert came[6].cancelled()
    assert admitted(came[7:]) == 1


async def test_nothing_is_remembered_of_destinations_that_are_done(scene: Scene) -> None:
    for number in range(100):
        (task,) = await scene.come(f"host{number}")
        assert task.result() is None
        await scene.leave(f"host{number}")
    assert len(scene.places) == 0
