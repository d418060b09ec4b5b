"""A Redis in Docker, as testcontainers starts it, answers a client from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from redis.asyncio import Redis

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def redis(docker_redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(docker_redis_url, decode_responses=True) as client:
        yield client


async def test_a_server_in_a_container_answers_a_ping(redis: Redis) -> None:
    assert await redis.ping()


async def test_a_server_in_a_container_says_what_it_is(redis: Redis) -> None:
    server = await redis.info("server")
    assert server["redis_mode"] == "standalone"
    assert int(server["redis_version"].split(".")[0]) >= 6


async def test_a_key_comes_back_as_it_was_written(redis: Redis, namespace: str) -> None:
    key = f"{namespace}:greeting"
    try:
        await redis.set(key, "See you at noon ☀")
        assert await redis.get(key) == "See you at noon ☀"
    finally:
        await redis.delete(key)
