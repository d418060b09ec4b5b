from __future__ import annotations

import asyncio

from postdate.adapters.channels.webhook.fair_slots import FairSlots


async def wait_in_order(slots: FairSlots, *keys: str) -> tuple[list[asyncio.Task[None]], list[str]]:
    """Lets a task of each key wait for a slot. Returns the tasks, and the keys in the order of their slots."""
    acquired: list[str] = []

    async def wait(key: str) -> None:
        await slots.acquire(key)
        acquired.append(key)

    tasks = [asyncio.create_task(wait(key)) for key in keys]
    await asyncio.sleep(0)
    return tasks, acquired


async def test_slots_are_free_until_all_are_taken() -> None:
    slots = FairSlots(2)
    _, acquired = await wait_in_order(slots, "a", "a", "a")
    assert acquired == ["a", "a"]


async def test_waiting_keys_get_a_slot_in_turn_however_many_wait_of_each() -> None:
    slots = FairSlots(1)
    await slots.acquire("a")
    tasks, acquired = await wait_in_order(slots, "a", "a", "a", "b", "c", "b")
    for _ in tasks:
        slots.release()
    await asyncio.gather(*tasks)
    assert acquired == ["a", "b", "c", "a", "b", "a"]


async def test_a_cancelled_waiter_takes_no_slot() -> None:
    slots = FairSlots(1)
    await slots.acquire("a")
    tasks, acquired = await wait_in_order(slots, "a", "a", "b")
    tasks[0].cancel()
    tasks[2].cancel()
    await asyncio.wait(tasks[:1])
    slots.release()
    await tasks[1]
    slots.release()
    await slots.acquire("c")
    assert acquired == ["a"]


async def test_a_waiter_that_is_cancelled_after_it_got_a_slot_passes_it_on() -> None:
    slots = FairSlots(1)
    await slots.acquire("a")
    tasks, acquired = await wait_in_order(slots, "a", "b")
    slots.release()
    tasks[0].cancel()
    await tasks[1]
    assert acquired == ["b"]
