"""What an examiner of a store promises."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from postdate.application.ports.store_examiner import StoreExaminer

MINUTE = timedelta(minutes=1)
NEARLY = timedelta(seconds=1)


class StoreUnderExamination(Protocol):
    """A store whose settings are the test's."""

    @property
    def examiner(self) -> StoreExaminer: ...

    async def set_up(self, settings: Mapping[str, str]) -> None:
        """Changes settings, by the names that Redis has for them."""

    def set_machines_clock(self, ahead_of_the_store: timedelta) -> None:
        """Changes what the machine's clock shows."""


class StoreExaminerContract:
    """Wants a fixture `store: StoreUnderExamination`, of a primary without replicas whose version is known."""

    async def test_it_says_what_it_is(self, store: StoreUnderExamination) -> None:
        facts = await store.examiner.examine()
        assert facts.product
        assert facts.version
        assert facts.primary
        assert facts.replicas == 0

    @pytest.mark.parametrize("policy", ["noeviction", "allkeys-lru", "volatile-ttl"])
    async def test_the_eviction_policy_is_seen(self, store: StoreUnderExamination, policy: str) -> None:
        await store.set_up({"maxmemory-policy": policy})
        assert (await store.examiner.examine()).eviction == policy

    @pytest.mark.parametrize(("appendonly", "appending"), [("yes", True), ("no", False)])
    async def test_whether_changes_are_written_to_a_file_is_seen(
        self, store: StoreUnderExamination, appendonly: str, *, appending: bool
    ) -> None:
        await store.set_up({"appendonly": appendonly})
        assert (await store.examiner.examine()).appending is appending

    @pytest.mark.parametrize("policy", ["always", "everysec", "no"])
    async def test_when_the_file_is_synchronised_is_seen(self, store: StoreUnderExamination, policy: str) -> None:
        await store.set_up({"appendfsync": policy})
        assert (await store.examiner.examine()).syncing == policy

    @pytest.mark.parametrize(("save", "snapshots"), [("", False), ("3600 1", True), ("3600 1 60 1000", True)])
    async def test_whether_there_are_snapshots_is_seen(
        self, store: StoreUnderExamination, save: str, *, snapshots: bool
    ) -> None:
        await store.set_up({"save": save})
        facts = await store.examiner.examine()
        assert (facts.snapshots, facts.save) == (snapshots, save)

    @pytest.mark.parametrize("ahead", [timedelta(0), MINUTE, -MINUTE])
    async def test_the_difference_of_the_clocks_is_seen(
        self, store: StoreUnderExamination, ahead: timedelta
    ) -> None:
        store.set_machines_clock(ahead)
        assert abs(ahead + (await store.examiner.examine()).clock_ahead) < NEARLY

    async def test_looking_changes_nothing(self, store: StoreUnderExamination) -> None:
        first = await store.examiner.examine()
        second = await store.examiner.examine()
        assert (first.eviction, first.appending, first.syncing, first.snapshots) == (
            second.eviction,
            second.appending,
            second.syncing,
            second.snapshots,
        )
