"""Schedules in real processes that are killed just after they have delivered an occurrence."""

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


async def created(http: Api, document: object = EVERY_SECOND) -> dict[str, Any]:
    response = await http.client.post("/v1/schedules", json=document)
    assert response.status_code == HTTPStatus.CREATED, response.text
    schedule: dict[str, Any] = response.json()
    return schedule


async def pause(http: Api, schedule: dict[str, Any]) -> None:
    response = await http.client.post(f"/v1/schedules/{schedule['id']}/pause")
    assert response.status_code == HTTPStatus.OK, response.text


async def occurrences(http: Api) -> Sequence[dict[str, Any]]:
    items: Sequence[dict[str, Any]] = (await http.client.get("/v1/messages?label=ticks")).json()["items"]
    return items


async def have_ended(http: Api) -> bool:
    return all(item["status"] in {"delivered", "cancelled"} for item in await occurrences(http))


async def require_each_second_once(http: Api, schedule: dict[str, Any], printed: int) -> None:
    """Requires one delivered message for each second."""
    items = await occurrences(http)
    begin = datetime.fromisoformat(schedule["next_at"])
    assert [datetime.fromisoformat(item["at"]) for item in items] == [
        begin + n * SECOND for n in range(len(items))
    ]
    assert {item["schedule_id"] for item in items} == {schedule["id"]}
    delivered = [item for item in items if item["status"] == "delivered"]
    # Only the occurrence that was waiting at the pause was cancelled, and none has expired.
    assert delivered == list(items[: len(delivered)])
    assert len(items) - len(delivered) <= 1
    # A message that was printed but not settled before a kill is printed again, as another attempt.
    assert len(delivered) <= printed <= sum(item["attempts"] for item in delivered)


async def first_to_print(deliverers: Sequence[Running]) -> Running:
    """Returns the first process that prints another line."""
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


async def test_a_kill_around_an_occurrence_neither_leaves_one_out_nor_makes_one_twice(
    redis_url: str, namespace: str, port: int
) -> None:
    store = ("--redis-url", redis_url, "--namespace", namespace, "--lease-ttl", "1s")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(*SERVE, "--port", str(port), "--no-deliver", *store))
        http = await stack.enter_async_context(api(port))
        deliverers = [await stack.enter_async_context(running(*DELIVER_DUE, *store)) for _ in range(KILLS + 1)]
        schedule = await created(http)
        alive = list(deliverers)
        for _ in range(KILLS):
            victim = await first_to_print(alive)
            victim.send(signal.SIGKILL)
            await victim.ends()
            alive.remove(victim)
        await first_to_print(alive)
        await pause(http, schedule)
        await until(lambda: have_ended(http))
        printed = sum(len(deliverer.printed) for deliverer in deliverers)
        await require_each_second_once(http, schedule, printed)
        assert printed > KILLS


async def test_occurrences_that_were_due_while_no_process_ran_are_made_up_for(port: int) -> None:
    with data_folder() as data:
        serve = (*SERVE, "--data-dir", str(data), "--port", str(port))
        async with running(*serve) as first, api(port) as http:
            schedule = await created(http)
            await first.lines(1)
            first.send(signal.SIGKILL)
            kill_server(data)
            await first.ends()
        async with running(*serve) as second, api(port) as http:
            await second.lines(2)
            await pause(http, schedule)
            await until(lambda: have_ended(http))
            await require_each_second_once(http, schedule, len(first.printed) + len(second.printed))
