"""The tests of the HTTP API, which run in memory elsewhere, over a real store."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.event_feed import RedisEventFeed
from postdate.adapters.redis.keys import KeySpace
from tests.integration.redis.conftest import schedules_on, world_on
from tests.unit.entrypoints.http.service import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.unit.entrypoints.http.service import Service

PARTS = (
    "test_batch",
    "test_bulk",
    "test_changing_messages",
    "test_echo_at_time",
    "test_forecast",
    "test_health",
    "test_idempotency",
    "test_listing",
    "test_live",
    "test_message_fields",
    "test_messages",
    "test_schedules",
)


@pytest.fixture
async def service(redis_url: str, namespace: str) -> AsyncIterator[Service]:
    """A service over Redis, without keys, on the first of January 2026."""
    async with connect(redis_url) as redis:
        keys = KeySpace(namespace)
        backing = schedules_on(redis, keys, world_on(redis, keys))
        async with serving(backing, RedisEventFeed(redis, keys)) as service:
            yield service
        async for name in redis.scan_iter(f"postdate:{{{namespace}*", count=1_000):
            await redis.unlink(name)


for part in PARTS:
    for name, test in vars(import_module(f"tests.unit.entrypoints.http.{part}")).items():
        # Under the name of its module as well: two of them may have a test of the same name.
        if name.startswith("test_"):
            globals()[f"{part}_{name.removeprefix('test_')}"] = test
