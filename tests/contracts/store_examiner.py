"""The contract of an examiner of a store."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from postdate.application.ports.store_examiner import StoreExaminer

MINUTE = timedelta(minutes=1)
MAX_ERROR = timedelta(seconds=1)


class StoreUnderExamination(Protocol):
    """A store whose settings a test changes."""

    @property
    def examiner(self) -> StoreExaminer: ...

    async def set_up(self, settings: Mapping[str, str]) -> None:
        """Changes settings, by their names in Redis."""

    def set_local_clock(self, ahead_of_the_store: timedelta) -> None:
        """Sets the clock of this machine."""


class StoreExaminerContract:
    """Needs a fixture `store: StoreUnderExamination`: a primary without replicas that shows its version."""

    async def test_the_product_and_its_version_are_read(self, store: StoreUnderExamination) -> None:
        facts = await store.examiner.examine()
        assert facts.product
        assert facts.version
        assert facts.primary
        assert facts.replicas == 0

    @pytest.mark.parametrize("policy", ["noeviction", "allkeys-lru", "volatile-ttl"])
    async def test_the_eviction_policy_is_read(self, store: StoreUnderExamination, policy: str) -> None:
        await store.set_up({"maxmemory-policy": policy})
        assert (await store.examiner.examine()).eviction == policy

    @pytest.mark.parametrize(("appendonly", "appending"), [("yes", True), ("no", False)])
    async def test_the_append_only_setting_is_read(
        self, store: StoreUnderExamination, appendonly: str, *, appending: bool
    ) -> None:
        await store.set_up({"appendonly": appendonly})
        assert (await store.examiner.examine()).appending is appending

    @pytest.mark.parametrize("policy", ["always", "everysec", "no"])
    async def test_the_fsync_policy_is_read(self, store: StoreUnderExamination, policy: str) -> None:
        await store.set_up({"appendfsync": policy})
        assert (await store.examiner.examine()).syncing == policy

    @pytest.mark.parametrize(("save", "snapshots"), [("", False), ("3600 1", True), ("3600 1 60 1000", True)])
    async def test_the_snapshot_setting_is_read(
        self, store: StoreUnderExamination, save: str, *, snapshots: bool
    ) -> None:
        await store.set_up({"save": save})
        facts = await store.examiner.examine()
        assert (facts.snapshots, facts.save) == (snapshots, save)

    @pytest.mark.parametrize("ahead", [timedelta(0), MINUTE, -MINUTE])
    async def test_the_difference_between_the_clocks_is_measured(
        self, store: StoreUnderExamination, ahead: timedelta
    ) -> None:
        store.set_local_clock(ahead)
        assert abs(ahead + (await store.examiner.examine()).clock_ahead) < MAX_ERROR

    async def test_examining_changes_nothing(self, store: StoreUnderExamination) -> None:
        first = await store.examiner.examine()
        second = await store.examiner.examine()
        assert (first.eviction, first.appending, first.syncing, first.snapshots) == (
            second.eviction,
            second.appending,
            second.syncing,
            second.snapshots,
        )
