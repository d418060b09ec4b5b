"""Runs the unit tests of the HTTP API, which use a store in memory, over a real store."""

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

MODULES = (
    "events.test_event_stream",
    "messages.batch.test_batch_endpoint",
    "messages.test_bulk",
    "messages.test_changing_messages",
    "messages.test_forecast",
    "messages.test_idempotency_key",
    "messages.test_listing",
    "messages.test_message_endpoints",
    "messages.test_message_fields",
    "schedules.test_schedule_endpoints",
    "test_echo_at_time",
    "test_health",
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


for module in MODULES:
    for name, test in vars(import_module(f"tests.unit.entrypoints.http.{module}")).items():
        # The name of the module is part of the name here: two modules may have a test of the same name.
        if name.startswith("test_"):
            globals()[f"{module.rpartition('.')[2]}_{name.removeprefix('test_')}"] = test
