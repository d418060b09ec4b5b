"""Schedules through real processes, the one that has just delivered an occurrence being killed again and again."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.process.processes import (
    DELIVER_DUE,
    SERVE,
    Api,
    Running,
    api,
    data_folder,
    free_port,
    kill_server,
    running,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY_SECOND = {
    "cron": "* * * * * *",
    "timezone": "Europe/Kyiv",
    "body": "tick",
    "labels": ["ticks"],
    "missed": "all",
}
KILLS = 2
SECOND = timedelta(seconds=1)


async def made(http: Api, document: object = EVERY_SECOND) -> dict[str, Any]:
    answer = await http.client.post("/v1/schedules", json=document)
    assert answer.status_code == HTTPStatus.CREATED, answer.text
    schedule: dict[str, Any] = answer.json()
    return schedule


async def paused(http: Api, schedule: dict[str, Any]) -> None:
    answer = await http.client.post(f"/v1/schedules/{schedule['id']}/pause")
    assert answer.status_code == HTTPStatus.OK, answer.text


async def occurrences(http: Api) -> Sequence[dict[str, Any]]:
    items: Sequence[dict[str, Any]] = (await http.client.get("/v1/messages?label=ticks")).json()["items"]
    return items


async def are_over(http: Api) -> bool:
    return all(item["status"] in {"delivered", "cancelled"} for item in await occurrences(http))


async def require_each_second_once(http: Api, schedule: dict[str, Any], printed: int) -> None:
    """Looks whether each second had its occurrence, as a message of its own that was delivered."""
    items = await occurrences(http)
    begin = datetime.fromisoformat(schedule["next_at"])
    assert [datetime.fromisoformat(item["at"]) for item in items] == [
        begin + n * SECOND for n in range(len(items))
    ]
    assert {item["schedule_id"] for item in items} == {schedule["id"]}
    delivered = [item for item in items if item["status"] == "delivered"]
    # What waited when it was paused was cancelled; nothing else was, and nothing has expired.
    assert delivered == list(items[: len(delivered)])
    assert len(items) - len(delivered) <= 1
    # What was printed and not settled before a death is printed again, as another attempt of the same message.
    assert len(delivered) <= printed <= sum(item["attempts"] for item in delivered)


async def first_to_print(deliverers: Sequence[Running]) -> Running:
    """Returns the first that prints another line."""
    waiting = {asyncio.create_task(each.lines(len(each.printed) + 1)): each for each in deliverers}
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    (first,) = done
    await first
    return waiting[first]


@pytest.fixture
def port() -> int:
    return free_port()


async def test_whoever_is_killed_around_an_occurrence_none_is_left_out_or_doubled(
    redis_url: str, namespace: str, port: int
) -> None:
    store = ("--redis-url", redis_url, "--namespace", namespace, "--lease-ttl", "1s")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(*SERVE, "--port", str(port), "--no-deliver", *store))
        http = await stack.enter_async_context(api(port))
        deliverers = [await stack.enter_async_context(running(*DELIVER_DUE, *store)) for _ in range(KILLS + 1)]
        schedule = await made(http)
        alive = list(deliverers)
        for _ in range(KILLS):
            victim = await first_to_print(alive)
            victim.send(signal.SIGKILL)
            await victim.ends()
            alive.remove(victim)
        await first_to_print(alive)
        await paused(http, schedule)
        await until(lambda: are_over(http))
        printed = sum(len(deliverer.printed) for deliverer in deliverers)
        await require_each_second_once(http, schedule, printed)
        assert printed > KILLS


async def test_what_came_due_while_everything_was_dead_is_made_up_for(port: int) -> None:
    with data_folder() as data:
        serve = (*SERVE, "--data-dir", str(data), "--port", str(port))
        async with running(*serve) as first, api(port) as http:
            schedule = await made(http)
            await first.lines(1)
            first.send(signal.SIGKILL)
            kill_server(data)
            await first.ends()
        async with running(*serve) as second, api(port) as http:
            await second.lines(2)
            await paused(http, schedule)
            await until(lambda: are_over(http))
            await require_each_second_once(http, schedule, len(first.printed) + len(second.printed))
