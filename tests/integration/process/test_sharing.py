"""Several processes on one real server share the deliveries and take over from each other."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from redis.asyncio import Redis

from postdate.adapters.redis.keys import KeySpace
from postdate.adapters.redis.records.role_field import ROLE_FIELDS
from postdate.domain.lease import Partition, Role
from tests.integration.process.processes import (
    DELIVER_DUE,
    MAX_WAIT_SECONDS,
    SERVE,
    Api,
    Line,
    api,
    free_port,
    in_ms,
    running,
    until,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

MAX_LATENESS_SECONDS = 0.5
AT_ONCE = 20


@pytest.fixture
def store(redis_url: str, namespace: str) -> tuple[str, ...]:
    """The flags of a process that uses the store of the test."""
    return ("--redis-url", redis_url, "--namespace", namespace)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.mark.parametrize("partitions", ["1", "3"])
async def test_two_instances_print_each_message_once_and_not_before_its_time(
    store: tuple[str, ...], partitions: str
) -> None:
    shared = (*store, "--partitions", partitions)
    async with (
        running(*DELIVER_DUE, *shared) as one,
        running(*DELIVER_DUE, *shared) as other,
        scheduling(*shared) as http,
    ):
        start = in_ms(8)
        times = [(number, start + number * 3 // 2) for number in range(2_000)]
        await asyncio.gather(*(schedule_pipelined(http, times[first::4]) for first in range(4)))
        assert in_ms(0) < start, "scheduling took so long that the test shows nothing"
        await until(lambda: have_printed(2_000, one.printed, other.printed))
        for instance in (one, other):
            instance.send(signal.SIGTERM)
        assert [await one.ends(), await other.ends()] == [0, 0]
    lines = [*one.printed, *other.printed]
    assert Counter(line.content["n"] for line in lines) == dict.fromkeys(range(2_000), 1)
    assert min(lateness_of(lines)) >= 0
    assert [*one.log, *other.log] == []


async def test_the_standby_takes_over_from_a_killed_leader_without_losing_a_message(
    store: tuple[str, ...], redis: Redis, namespace: str
) -> None:
    keys = KeySpace(namespace)[Partition(0)]
    async with running(*DELIVER_DUE, *store) as leader, scheduling(*store) as http:
        await until(lambda: holds(redis, keys.seats, Role.LEADER))
        async with running(*DELIVER_DUE, *store) as standby:
            await until(lambda: holds(redis, keys.seats, Role.STANDBY))
            start = in_ms(2)
            messages = await schedule_all(http, [(number, start + number * 40) for number in range(100)])
            await leader.lines(20)
            leader.send(signal.SIGKILL)
            await leader.ends()
            claimed: Any = await redis.zrange(keys.claims, 0, -1)
            held_ids = {message_id.decode() for message_id in claimed}
            await until(lambda: have_printed(100, leader.printed, standby.printed))
            standby.send(signal.SIGTERM)
            assert await standby.ends() == 0
    lines = [*leader.printed, *standby.printed]
    assert {line.content["n"] for line in lines} == set(range(100))
    not_held = [line for line in lines if messages[line.content["n"]] not in held_ids]
    assert len(not_held) == len({line.content["n"] for line in not_held})
    assert min(lateness_of(lines)) >= 0
    assert max(lateness_of(not_held)) <= MAX_LATENESS_SECONDS


async def test_the_standby_takes_over_from_a_stopped_leader_without_a_delay(
    store: tuple[str, ...], redis: Redis, namespace: str
) -> None:
    keys = KeySpace(namespace)[Partition(0)]
    async with running(*DELIVER_DUE, *store) as leader, scheduling(*store) as http:
        await until(lambda: holds(redis, keys.seats, Role.LEADER))
        async with running(*DELIVER_DUE, *store) as standby:
            await until(lambda: holds(redis, keys.seats, Role.STANDBY))
            start = in_ms(2)
            await schedule_all(http, [(number, start + number * 20) for number in range(100)])
            await leader.lines(20)
            leader.send(signal.SIGTERM)
            assert await leader.ends() == 0
            await until(lambda: have_printed(100, leader.printed, standby.printed))
    lines = [*leader.printed, *standby.printed]
    assert Counter(line.content["n"] for line in lines) == dict.fromkeys(range(100), 1)
    assert max(lateness_of(lines)) <= MAX_LATENESS_SECONDS


async def test_a_single_pass_prints_due_messages_only(store: tuple[str, ...]) -> None:
    async with scheduling(*store) as http:
        past = await schedule_all(http, [(number, in_ms(-1000) + number) for number in range(700)])
        future = await http.schedule({"n": -1}, at=in_ms(3600))
        async with running(*DELIVER_DUE, "--once", *store) as once:
            assert await once.ends() == 0
        assert [line.content["n"] for line in once.printed] == list(range(700))
        assert (await http.find({"id": past[0]}))["status"] == "delivered"
        assert (await http.find(future))["status"] == "scheduled"
        async with running(*DELIVER_DUE, "--once", *store) as again:
            assert await again.ends() == 0
    assert again.printed == []


async def test_a_namespace_does_not_deliver_the_messages_of_another(
    redis_url: str, store: tuple[str, ...], namespace: str
) -> None:
    async with scheduling(*store) as http:
        await http.schedule("of another namespace")
        other_namespace = ("--redis-url", redis_url, "--namespace", f"{namespace}-2")
        async with running(*DELIVER_DUE, "--once", *other_namespace) as once:
            assert await once.ends() == 0
    assert once.printed == []


# --- helpers --------------------------------------------------------------------------


@asynccontextmanager
async def scheduling(*flags: str) -> AsyncIterator[Api]:
    """Runs an instance that accepts messages and delivers none."""
    port = free_port()
    async with running(*SERVE, "--no-deliver", "--port", str(port), *flags) as service, api(port) as http:
        yield http
        assert service.printed == []


async def schedule_all(http: Api, numbers: Iterable[tuple[int, int]]) -> dict[int, str]:
    """Schedules messages that carry their number and their time, and returns their ids by their number."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def schedule(number: int, at: int) -> tuple[int, str]:
        async with slots:
            return number, (await http.schedule({"n": number, "at": at}, at=at))["id"]

    return dict(await asyncio.gather(*(schedule(number, at) for number, at in numbers)))


async def schedule_pipelined(http: Api, numbers: Sequence[tuple[int, int]]) -> None:
    """Schedules such messages over one connection, without waiting for an answer before the next request."""
    url = http.client.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    for number, at in numbers:
        document = json.dumps({"body": {"n": number, "at": at}, "at": at}).encode()
        writer.write(b"POST /v1/messages HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n" % len(document))
        writer.write(document)
    answers = b""
    async with asyncio.timeout(MAX_WAIT_SECONDS):
        while answers.count(b"HTTP/1.1 201 Created") < len(numbers):
            answers += await reader.read(1 << 20)
    writer.close()


async def have_printed(count: int, *printed: Sequence[Line]) -> bool:
    return len({line.content["n"] for lines in printed for line in lines}) >= count


async def holds(redis: Redis, roles_key: str, role: Role) -> bool:
    is_held: Any = await redis.hexists(roles_key, ROLE_FIELDS[role])
    return bool(is_held)


def lateness_of(lines: Iterable[Line]) -> list[float]:
    return [line.lateness(line.content["at"] / 1000) for line in lines]
