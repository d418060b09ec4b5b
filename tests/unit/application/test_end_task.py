from __future__ import annotations

import asyncio

import pytest

from postdate.application.end_task import end_task


async def test_a_task_has_ended_when_end_task_returns() -> None:
    task = asyncio.create_task(asyncio.Event().wait())
    await asyncio.sleep(0)
    await end_task(task)  # type: ignore[arg-type]  # its result does not matter
    assert task.cancelled()


async def test_the_error_of_a_task_is_raised() -> None:
    async def fail() -> None:
        raise RuntimeError("unexpected")

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="unexpected"):
        await end_task(task)


async def test_a_cancellation_of_the_caller_is_not_confused_with_that_of_the_task() -> None:
    cancelled, released = asyncio.Event(), asyncio.Event()

    async def slow_to_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
            await released.wait()

    task = asyncio.create_task(slow_to_end())
    await asyncio.sleep(0)
    caller = asyncio.create_task(end_task(task))
    await cancelled.wait()
    caller.cancel()
    await asyncio.wait((caller,), timeout=5)
    assert caller.cancelled()
    assert not task.done()
    released.set()
    await asyncio.wait((task,))
