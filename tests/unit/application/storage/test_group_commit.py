from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.clock import ManualClock
from postdate.adapters.memory.message_writer import MemoryMessageWriter
from postdate.adapters.memory.partitions import MemoryPartitions
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.application.storage.group_commit import GroupCommit
from postdate.domain.errors import StoreUnavailableError
from postdate.domain.messages.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from postdate.application.ports.message_writer import AddResult

NOW = datetime(2026, 1, 1, tzinfo=UTC)
IDS = ShortIdGenerator(partitions=1)


def a_message() -> Message:
    return Message(id=IDS.next(NOW), body=b"1", to="console", at=NOW, due_at=NOW, created_at=NOW)


class GatedWriter(MemoryMessageWriter):
    """A writer that stores once its gate is open, and records the number of messages of each call."""

    def __init__(self) -> None:
        super().__init__(MemoryPartitions(), IDS, ManualClock())
        self.sizes: list[int] = []
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def add(self, messages: Sequence[Message]) -> AddResult:
        self.sizes.append(len(messages))
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return await super().add(messages)


async def started(*calls: asyncio.Task[AddResult]) -> None:
    """Runs each call until it waits."""
    for _ in range(len(calls) + 2):
        await asyncio.sleep(0)


async def test_a_lone_call_is_sent_at_once() -> None:
    writer = GatedWriter()
    writer.gate.set()
    commit = GroupCommit(writer)
    await commit.add([a_message()])
    await commit.add([a_message()])
    assert writer.sizes == [1, 1]


async def test_calls_that_arrive_during_a_batch_become_the_next_batch() -> None:
    writer = GatedWriter()
    commit = GroupCommit(writer)
    calls = [asyncio.create_task(commit.add([a_message()])) for _ in range(10)]
    await started(*calls)
    writer.gate.set()
    await asyncio.gather(*calls)
    assert writer.sizes == [1, 9]


async def test_callers_that_call_again_at_once_are_in_the_same_batch() -> None:
    writer = GatedWriter()
    commit = GroupCommit(writer)

    async def caller() -> None:
        for _ in range(4):
            await commit.add([a_message()])

    callers = [asyncio.create_task(caller()) for _ in range(8)]
    await asyncio.sleep(0)
    while not all(task.done() for task in callers):
        writer.gate.set()
        await asyncio.sleep(0)
        writer.gate.clear()
        await asyncio.sleep(0)
    assert writer.sizes == [1, 8, 8, 8, 7]


async def test_a_batch_is_bounded_but_a_single_larger_call_is_sent_whole() -> None:
    writer = GatedWriter()
    commit = GroupCommit(writer, max_batch=4)
    sizes = (1, 3, 2, 6, 1)
    calls = [asyncio.create_task(commit.add([a_message() for _ in range(size)])) for size in sizes]
    await started(*calls)
    writer.gate.set()
    await asyncio.gather(*calls)
    assert writer.sizes == [1, 3, 2, 6, 1]


async def test_each_call_gets_only_its_own_refused_ids() -> None:
    writer = GatedWriter()
    writer.gate.set()
    taken = a_message()
    await writer.add([taken])
    writer.gate.clear()
    commit = GroupCommit(writer)
    calls = [asyncio.create_task(commit.add([message])) for message in (a_message(), taken, a_message())]
    await started(*calls)
    writer.gate.set()
    answers = await asyncio.gather(*calls)
    assert [set(answer.refused) for answer in answers] == [set(), {taken.id}, set()]


async def test_an_error_of_the_store_reaches_every_caller_and_the_next_call_succeeds() -> None:
    writer = GatedWriter()
    writer.error = StoreUnavailableError("it is away")
    commit = GroupCommit(writer)
    calls = [asyncio.create_task(commit.add([a_message()])) for _ in range(3)]
    await started(*calls)
    writer.gate.set()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreUnavailableError] * 3
    writer.error = None
    assert not (await commit.add([a_message()])).refused


async def test_the_messages_of_a_call_cancelled_while_it_waits_are_not_sent() -> None:
    writer = GatedWriter()
    commit = GroupCommit(writer)
    calls = [asyncio.create_task(commit.add([a_message()])) for _ in range(3)]
    await started(*calls)
    calls[1].cancel()
    await started(*calls)
    writer.gate.set()
    await asyncio.gather(calls[0], calls[2])
    assert writer.sizes == [1, 1]


async def test_a_cancelled_call_does_not_affect_the_others() -> None:
    writer = GatedWriter()
    commit = GroupCommit(writer)
    first, impatient, other = calls = [asyncio.create_task(commit.add([a_message()])) for _ in range(3)]
    await started(*calls)
    first.cancel()
    impatient.cancel()
    writer.gate.set()
    assert not (await other).refused


async def test_calls_are_refused_while_too_many_messages_wait() -> None:
    writer = GatedWriter()
    commit = GroupCommit(writer, max_waiting=2)
    calls = [asyncio.create_task(commit.add([a_message()])) for _ in range(3)]
    await started(*calls)
    with pytest.raises(StoreUnavailableError, match="2 messages already wait"):
        await commit.add([a_message()])
    writer.gate.set()
    await asyncio.gather(*calls)
    assert not (await commit.add([a_message()])).refused
