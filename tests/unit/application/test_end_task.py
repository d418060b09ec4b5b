from __future__ import annotations

import asyncio

import pytest

from postdate.application.end_task import end_task


async def test_a_task_has_ended_when_it_returns() -> None:
    task = asyncio.create_task(asyncio.Event().wait())
    await asyncio.sleep(0)
    await end_task(task)  # type: ignore[arg-type]  # what it would have returned is of no concern
    assert task.cancelled()


async def test_what_a_task_ended_with_is_raised() -> None:
    async def fail() -> None:
        raise RuntimeError("unforeseen")

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="unforeseen"):
        await end_task(task)


async def test_the_callers_own_cancellation_is_not_taken_for_that_of_the_task() -> None:
    told, released = asyncio.Event(), asyncio.Event()

    async def slow_to_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            told.set()
            await released.wait()

    task = asyncio.create_task(slow_to_end())
    await asyncio.sleep(0)
    caller = asyncio.create_task(end_task(task))
    await told.wait()
    caller.cancel()
    await asyncio.wait((caller,), timeout=5)
    assert caller.cancelled()
    assert not task.done()
    released.set()
    await asyncio.wait((task,))
