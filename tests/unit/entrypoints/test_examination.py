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
from postdate.entrypoints.examination import examine, examine_once_it_answers, examined_soon

if TYPE_CHECKING:
    from postdate.application.ports.store_examiner import StoreFacts

ON_DISK = Durability(level=DurabilityLevel.FSYNC)
EVICTING = replace(IN_MEMORY, eviction="allkeys-lru")
REPLICA = replace(IN_MEMORY, primary=False)
AWAY = StoreUnavailableError("away")


class HangingExaminer:
    async def examine(self) -> StoreFacts:
        await asyncio.Event().wait()
        raise AssertionError


def look(
    facts: StoreFacts = IN_MEMORY, wanted: Durability = STORE_DURABILITY, *, strict: bool = False
) -> ExamineStore:
    return ExamineStore(MemoryStoreExaminer(facts), wanted, strict=strict)


async def test_what_an_operator_has_to_know_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    await examine(look(EVICTING))
    records = [vars(record) for record in caplog.records]
    assert [record["levelno"] for record in records] == [logging.WARNING] * 2
    assert [record["subject"] for record in records] == ["eviction", "persistence"]
    assert "allkeys-lru" in records[0]["found"]
    assert records[0]["advice"] == "set maxmemory-policy noeviction"


async def test_of_a_good_store_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    await examine(look(replace(IN_MEMORY, appending=True, syncing="always"), ON_DISK, strict=True))
    assert caplog.records == []


@pytest.mark.parametrize(
    ("examine_store", "setting", "words"),
    [
        (look(IN_MEMORY, ON_DISK), "POSTDATE_DURABILITY", ["appendonly yes", "appendfsync always"]),
        (look(EVICTING, strict=True), "POSTDATE_STRICT", ["allkeys-lru", "noeviction", "appendonly yes"]),
        (look(REPLICA), "POSTDATE_REDIS_URL", ["replica", "name its primary"]),
        (look(REPLICA, ON_DISK, strict=True), "POSTDATE_REDIS_URL", ["replica", "appendfsync always"]),
    ],
)
async def test_a_refusal_is_one_line_that_names_a_setting_and_what_to_do(
    examine_store: ExamineStore, setting: str, words: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        await examine(examine_store)
    assert refusal.value.setting == setting
    assert [word for word in words if word not in str(refusal.value)] == []
    assert "\n" not in str(refusal.value)
    assert caplog.records == []


async def test_a_store_that_is_there_is_examined_soon(caplog: pytest.LogCaptureFixture) -> None:
    assert await examined_soon(look(EVICTING))
    assert len(caplog.records) == 2
    with pytest.raises(ConfigurationError):
        await examined_soon(look(REPLICA))


async def test_a_store_that_is_away_does_not_hold_up_the_start() -> None:
    examiner = MemoryStoreExaminer()
    examiner.error = AWAY
    assert not await examined_soon(ExamineStore(examiner, STORE_DURABILITY))


async def test_nor_does_one_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "SOON_SECONDS", 0.001)
    assert not await examined_soon(ExamineStore(HangingExaminer(), STORE_DURABILITY))


async def test_a_store_that_was_away_is_examined_once_it_answers() -> None:
    clock, examiner = ManualClock(), MemoryStoreExaminer()
    examiner.error = AWAY
    waiting = asyncio.create_task(examine_once_it_answers(ExamineStore(examiner, ON_DISK), clock))
    for _ in range(3):
        await asyncio.sleep(0)
        assert clock.next_wake is not None
        clock.advance(timedelta(seconds=examination.LOOK_AGAIN_AFTER))
        await asyncio.sleep(0)
        assert not waiting.done()
    examiner.error = None
    clock.advance(timedelta(seconds=examination.LOOK_AGAIN_AFTER))
    with pytest.raises(ConfigurationError, match="POSTDATE_DURABILITY"):
        await waiting
