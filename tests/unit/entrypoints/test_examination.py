from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.clock import ManualClock
from postdate.adapters.memory.store_examiner import IN_MEMORY, MemoryStoreExaminer
from postdate.application.operations.examine_store import ExamineStore
from postdate.domain.durability import STORE_DURABILITY, Durability, DurabilityLevel
from postdate.domain.errors import ConfigurationError, StoreUnavailableError
from postdate.entrypoints import examination
from postdate.entrypoints.examination import examine, examine_if_available, examine_when_available

if TYPE_CHECKING:
    from postdate.application.ports.store_examiner import StoreFacts

ON_DISK = Durability(level=DurabilityLevel.FSYNC)
EVICTING = replace(IN_MEMORY, eviction="allkeys-lru")
REPLICA = replace(IN_MEMORY, primary=False)
UNAVAILABLE = StoreUnavailableError("away")


class HangingExaminer:
    async def examine(self) -> StoreFacts:
        await asyncio.Event().wait()
        raise AssertionError


def examining(
    facts: StoreFacts = IN_MEMORY, wanted: Durability = STORE_DURABILITY, *, strict: bool = False
) -> ExamineStore:
    return ExamineStore(MemoryStoreExaminer(facts), wanted, strict=strict)


async def test_every_warning_is_logged_with_its_advice(caplog: pytest.LogCaptureFixture) -> None:
    await examine(examining(EVICTING))
    records = [vars(record) for record in caplog.records]
    assert [record["levelno"] for record in records] == [logging.WARNING] * 2
    assert [record["subject"] for record in records] == ["eviction", "persistence"]
    assert "allkeys-lru" in records[0]["found"]
    assert records[0]["advice"] == "set maxmemory-policy noeviction"


async def test_nothing_is_logged_about_a_suitable_store(caplog: pytest.LogCaptureFixture) -> None:
    await examine(examining(replace(IN_MEMORY, appending=True, syncing="always"), ON_DISK, strict=True))
    assert caplog.records == []


@pytest.mark.parametrize(
    ("examine_store", "setting", "texts"),
    [
        (examining(IN_MEMORY, ON_DISK), "POSTDATE_DURABILITY", ["appendonly yes", "appendfsync always"]),
        (examining(EVICTING, strict=True), "POSTDATE_STRICT", ["allkeys-lru", "noeviction", "appendonly yes"]),
        (examining(REPLICA), "POSTDATE_REDIS_URL", ["replica", "name its primary"]),
        (examining(REPLICA, ON_DISK, strict=True), "POSTDATE_REDIS_URL", ["replica", "appendfsync always"]),
    ],
)
async def test_a_refusal_is_one_line_with_a_setting_and_advice(
    examine_store: ExamineStore, setting: str, texts: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        await examine(examine_store)
    assert refusal.value.setting == setting
    assert [text for text in texts if text not in str(refusal.value)] == []
    assert "\n" not in str(refusal.value)
    assert caplog.records == []


async def test_an_available_store_is_examined_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    assert await examine_if_available(examining(EVICTING))
    assert len(caplog.records) == 2
    with pytest.raises(ConfigurationError):
        await examine_if_available(examining(REPLICA))


async def test_an_unavailable_store_does_not_delay_the_start() -> None:
    examiner = MemoryStoreExaminer()
    examiner.error = UNAVAILABLE
    assert not await examine_if_available(ExamineStore(examiner, STORE_DURABILITY))


async def test_a_store_that_hangs_does_not_delay_the_start_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "MAX_WAIT_SECONDS", 0.001)
    assert not await examine_if_available(ExamineStore(HangingExaminer(), STORE_DURABILITY))


async def test_an_unavailable_store_is_examined_when_it_answers() -> None:
    clock, examiner = ManualClock(), MemoryStoreExaminer()
    examiner.error = UNAVAILABLE
    waiting = asyncio.create_task(examine_when_available(ExamineStore(examiner, ON_DISK), clock))
    for _ in range(3):
        await asyncio.sleep(0)
        assert clock.next_wake is not None
        clock.advance(timedelta(seconds=examination.RETRY_SECONDS))
        await asyncio.sleep(0)
        assert not waiting.done()
    examiner.error = None
    clock.advance(timedelta(seconds=examination.RETRY_SECONDS))
    with pytest.raises(ConfigurationError, match="POSTDATE_DURABILITY"):
        await waiting
