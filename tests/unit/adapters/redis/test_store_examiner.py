"""Replies of servers that the other tests do not have."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from postdate.adapters.memory.clock import ManualClock
from postdate.adapters.redis.store_examiner import RedisStoreExaminer
from postdate.domain.time.instant import EPOCH

if TYPE_CHECKING:
    from postdate.application.ports.store_examiner import StoreFacts

MS = timedelta(milliseconds=1)


class _Driver:
    """A driver with the given replies. The replies of `time` take the given times."""

    def __init__(self, info: dict[str, Any], took: list[timedelta] | None = None) -> None:
        self.clock = ManualClock()
        self.ahead = timedelta(0)
        self._info = info
        self._took = took or [timedelta(0)] * 3

    async def info(self) -> dict[str, Any]:
        return self._info

    async def config_get(self, *_: str) -> dict[str, str]:
        return {}

    async def time(self) -> tuple[int, int]:
        half = self._took.pop() / 2
        self.clock.advance(half)
        shown = (self.clock.now() + self.ahead - EPOCH) // timedelta(microseconds=1)
        self.clock.advance(half)
        return divmod(shown, 1_000_000)


async def examined(driver: Any) -> StoreFacts:  # noqa: ANN401 - it stands for a driver
    return await RedisStoreExaminer(driver, driver.clock).examine()


@pytest.mark.parametrize(
    ("info", "count"),
    [
        ({"connected_slaves": 0}, 0),
        ({"connected_slaves": 1, "slave0": {"state": "online"}}, 1),
        ({"connected_slaves": 2, "slave0": {"state": "wait_bgsave"}, "slave1": {"state": "online"}}, 1),
        ({"connected_slaves": 1}, 0),
        ({"connected_slaves": 1, "slave0": "not shown"}, 0),
        ({}, None),
    ],
)
async def test_replicas_that_have_not_caught_up_do_not_count(info: dict[str, Any], count: int | None) -> None:
    assert (await examined(_Driver(info))).replicas == count


@pytest.mark.parametrize(
    ("info", "product", "version"),
    [
        ({"redis_version": "7.0.15"}, "Redis", (7, 0, 15)),
        ({"server_name": "valkey", "redis_version": "7.2.4", "valkey_version": "9.1.2"}, "Valkey", (9, 1, 2)),
        ({"redis_version": "255.255.255-rc1"}, "Redis", (255, 255)),
        ({"redis_version": "unstable"}, "Redis", None),
    ],
)
async def test_the_numbers_of_a_version_are_read(
    info: dict[str, Any], product: str, version: tuple[int, ...] | None
) -> None:
    facts = await examined(_Driver(info))
    assert (facts.product, facts.version) == (product, version)


@pytest.mark.parametrize("ahead", [500 * MS, -500 * MS])
async def test_the_clocks_differ_by_what_the_quickest_answer_proves(ahead: timedelta) -> None:
    driver = _Driver({}, took=[300 * MS, 20 * MS, 2000 * MS])
    driver.ahead = ahead
    assert (await examined(driver)).clock_ahead == (ahead - 10 * MS if ahead > timedelta(0) else ahead + 10 * MS)


async def test_a_slow_answer_proves_no_difference_between_the_clocks() -> None:
    assert (await examined(_Driver({}, took=[2000 * MS] * 3))).clock_ahead == timedelta(0)
