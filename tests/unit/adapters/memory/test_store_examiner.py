from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from postdate.adapters.memory.store_examiner import MemoryStoreExaminer
from postdate.domain.errors import StoreUnavailableError
from tests.contracts.store_examiner import StoreExaminerContract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

_FACTS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "maxmemory-policy": lambda text: {"eviction": text},
    "appendonly": lambda text: {"appending": text == "yes"},
    "appendfsync": lambda text: {"syncing": text},
    "save": lambda text: {"snapshots": bool(text), "save": text},
}


class _Store:
    def __init__(self) -> None:
        self.examiner = MemoryStoreExaminer()

    async def set_up(self, settings: Mapping[str, str]) -> None:
        for name, text in settings.items():
            self.examiner.facts = replace(self.examiner.facts, **_FACTS[name](text))

    def set_local_clock(self, ahead_of_the_store: timedelta) -> None:
        self.examiner.facts = replace(self.examiner.facts, clock_ahead=-ahead_of_the_store)


@pytest.fixture
def store() -> _Store:
    return _Store()


class TestMemoryStoreExaminer(StoreExaminerContract):
    pass


async def test_the_examiner_raises_the_error_it_is_given(store: _Store) -> None:
    store.examiner.error = StoreUnavailableError("away")
    with pytest.raises(StoreUnavailableError, match="away"):
        await store.examiner.examine()
