"""Messages to streams, lists and subscribers of the store, delivered by processes that the test kills."""

from __future__ import annotations

import asyncio
import json
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from redis.asyncio import Redis

from tests.integration.process.processes import DELIVER_DUE, SERVE, Api, api, free_port, in_ms, running, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MESSAGES = 3_000
KILLS = 4


@pytest.fixture
def store(redis_url: str, namespace: str) -> tuple[str, ...]:
    """Returns the flags of a process that uses the store of the test."""
    return ("--redis-url", redis_url, "--namespace", namespace)


@pytest.fixture
async def redis(redis_url: str, namespace: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client
        await client.unlink(namespace)


@pytest.fixture
async def http(store: tuple[str, ...]) -> AsyncIterator[Api]:
    port = free_port()
    async with running(*SERVE, "--port", str(port), "--no-deliver", *store), api(port) as client:
        yield client


async def test_each_message_is_in_the_stream_once_although_deliverers_are_killed(
    store: tuple[str, ...], redis: Redis, namespace: str, http: Api
) -> None:
    start = in_ms(2)
    for first in range(0, MESSAGES, 100):
        await asyncio.gather(
            *(
                http.schedule(number, at=start + number // 3, to=f"stream:{namespace}")
                for number in range(first, first + 100)
            )
        )
    for kill in range(1, KILLS + 1):
        async with running(*DELIVER_DUE, *store, "--lease-ttl", "300ms") as victim:
            await until(partial(has_entries, redis, namespace, kill * MESSAGES // (KILLS + 2)))
            victim.send(signal.SIGKILL)
            await victim.ends()
    async with running(*DELIVER_DUE, *store, "--lease-ttl", "300ms"):
        await until(lambda: has_entries(redis, namespace, MESSAGES))
    entries: Any = await redis.xrange(namespace)
    assert sorted(int(fields[b"body"]) for _, fields in entries) == list(range(MESSAGES))
    assert len({fields[b"id"] for _, fields in entries}) == MESSAGES


async def test_a_reader_of_a_list_and_a_subscriber_get_the_body_as_json(
    store: tuple[str, ...], redis: Redis, namespace: str, http: Api
) -> None:
    async with running(*DELIVER_DUE, *store), redis.pubsub() as subscription:
        await subscription.subscribe(f"{namespace}-news")
        await subscription.get_message(timeout=5)
        await http.schedule({"n": 1}, to=f"list:{namespace}")
        await http.schedule("näws", to=f"pubsub:{namespace}-news")
        popped: Any = await redis.brpop([namespace], timeout=5)
        received = await subscription.get_message(ignore_subscribe_messages=True, timeout=5)
    assert json.loads(popped[1]) == {"n": 1}
    assert received is not None
    assert json.loads(received["data"]) == "näws"


async def test_a_message_to_a_key_of_another_type_fails_and_is_tried_again(
    store: tuple[str, ...], redis: Redis, namespace: str, http: Api
) -> None:
    await redis.set(namespace, "taken")
    message = await http.schedule(1, to=f"stream:{namespace}")
    async with running(*DELIVER_DUE, *store) as deliverer:
        await deliverer.says("delivery failed and will be tried again")
    found = await http.find(message)
    assert found["status"] == "scheduled"
    assert found["failures"][0]["reason"] == "the key holds a string, not a stream"


@pytest.mark.parametrize("to", ["stream:", "list:postdate:{default:0}:messages", "stream:x?maxlen=0"])
async def test_an_invalid_store_target_is_refused_at_scheduling(http: Api, to: str) -> None:
    with pytest.raises((AssertionError, httpx.HTTPStatusError)):
        await http.schedule(1, to=to)


async def has_entries(redis: Redis, stream: str, least: int) -> bool:
    return bool(await redis.xlen(stream) >= least)
