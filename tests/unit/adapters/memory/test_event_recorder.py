from __future__ import annotations

import asyncio

import pytest

from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.application.events.events import LeaseAcquired, LeaseLost, MessagesScheduled
from tests.contracts.event_recorder import EVENTS, LEASE, EventRecorderContract


@pytest.fixture
def recorder() -> MemoryEventRecorder:
    return MemoryEventRecorder()


class TestMemoryEventRecorder(EventRecorderContract):
    pass


def test_all_events_are_kept_in_order(recorder: MemoryEventRecorder) -> None:
    for event in EVENTS:
        recorder.record(event)
    assert recorder.events == EVENTS


def test_all_events_of_a_class_are_returned(recorder: MemoryEventRecorder) -> None:
    for event in (LeaseAcquired(LEASE), LeaseLost(LEASE), LeaseAcquired(LEASE)):
        recorder.record(event)
    assert recorder.of(LeaseAcquired) == [LeaseAcquired(LEASE)] * 2
    assert recorder.of(MessagesScheduled) == []


async def test_an_event_that_was_recorded_before_is_returned_at_once(recorder: MemoryEventRecorder) -> None:
    recorder.record(LeaseAcquired(LEASE))
    recorder.record(LeaseLost(LEASE))
    assert await recorder.next(LeaseLost) == LeaseLost(LEASE)


async def test_next_waits_for_an_event_and_skips_others(recorder: MemoryEventRecorder) -> None:
    waiting = asyncio.create_task(recorder.next(LeaseLost))
    await asyncio.sleep(0)
    recorder.record(LeaseAcquired(LEASE))
    await asyncio.sleep(0)
    assert not waiting.done()
    recorder.record(LeaseLost(LEASE))
    assert await waiting == LeaseLost(LEASE)


async def test_each_event_is_returned_once(recorder: MemoryEventRecorder) -> None:
    recorder.record(LeaseAcquired(LEASE))
    await recorder.next(LeaseAcquired)
    waiting = asyncio.create_task(recorder.next(LeaseAcquired))
    await asyncio.sleep(0)
    assert not waiting.done()
    recorder.record(LeaseAcquired(LEASE))
    await waiting
