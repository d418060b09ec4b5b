"""The service as a process that delivers to a receiver of the test."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from standardwebhooks import Webhook

from postdate.application.delivery.loop_settings import LoopSettings
from tests.integration.process.processes import (
    DELIVER_DUE,
    MAX_WAIT_SECONDS,
    SERVE,
    Api,
    api,
    data_folder,
    free_port,
    in_ms,
    running,
    until,
)
from tests.integration.webhook.conftest import SECRET
from tests.integration.webhook.receiver import OK, Received, Receiver, receiving, response

if TYPE_CHECKING:
    from asyncio import StreamWriter
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ALLOW = ("--webhook-allow", "127.0.0.0/8")
WEBHOOK_SECRET = (sys.executable, "-m", "postdate.entrypoints.cli", "webhook-secret")
PROMPTLY_SECONDS = 5
MAX_CONCURRENT_REQUESTS = 20
MORE_THAN_CAN_BE_CLAIMED = LoopSettings().max_in_flight + 400


@pytest.fixture
def data() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def serve(data: Path, port: int) -> tuple[str, ...]:
    return (*SERVE, "--port", str(port), "--data-dir", str(data), *ALLOW)


async def ended(http: Api, message: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def has_ended() -> bool:
        found.update(await http.find(message))
        return found["ended_at"] is not None

    await until(has_ended)
    return found


async def test_a_message_is_posted_at_its_time_and_signed_with_the_secret_of_the_store(
    serve: tuple[str, ...], port: int, data: Path, receiver: Receiver
) -> None:
    async with running(*serve) as service, api(port) as http:
        at = in_ms(0.5)
        message = await http.schedule({"cart": 42}, at=at, to=receiver.url("/hook"), headers={"X-Cart": "42"})
        (request,) = await receiver.requests(1)
        assert (await ended(http, message))["status"] == "delivered"
        async with running(*WEBHOOK_SECRET, "--data-dir", str(data)) as command:
            assert await command.ends() == 0
            (printed,) = command.printed
        service.send(signal.SIGTERM)
        assert await service.ends() == 0
    assert (request.path, request.body, request.headers["x-cart"]) == ("/hook", b'{"cart":42}', "42")
    assert request.headers["webhook-id"] == message["id"]
    assert request.headers["postdate-scheduled-for"] == message["at"]
    assert 0 <= int(request.headers["postdate-lateness-ms"]) < PROMPTLY_SECONDS * 1_000
    assert Webhook(printed.text).verify(request.body, request.headers) == {"cart": 42}
    assert service.printed == []


async def test_a_configured_secret_is_used_and_printed() -> None:
    async with running(*WEBHOOK_SECRET, env={"POSTDATE_WEBHOOK_SECRET": f"{SECRET},{SECRET}"}) as command:
        assert await command.ends() == 0
    assert [line.text for line in command.printed] == [SECRET, SECRET]


async def test_a_destination_that_is_not_allowed_is_refused_at_scheduling(
    data: Path, port: int, receiver: Receiver
) -> None:
    async with running(*SERVE, "--port", str(port), "--data-dir", str(data)), api(port) as http:
        for to in (receiver.url(), receiver.url(host="localhost"), receiver.url(host="127.1"), "http://a@b/"):
            answer = await http.client.post("/v1/messages", json={"body": 1, "to": to})
            assert answer.status_code == HTTPStatus.BAD_REQUEST, to
            assert answer.json()["errors"][0]["path"] == "$.to"
    assert receiver.connections == 0


async def test_an_accepted_message_dies_at_an_instance_that_does_not_allow_its_destination(
    redis_url: str, namespace: str, port: int, receiver: Receiver
) -> None:
    store = ("--redis-url", redis_url, "--namespace", namespace)
    async with running(*SERVE, "--port", str(port), "--no-deliver", *store, *ALLOW), api(port) as http:
        message = await http.schedule(1, to=receiver.url())
        async with running(*DELIVER_DUE, *store):
            dead = await ended(http, message)
    assert (dead["status"], dead["attempts"]) == ("dead", 1)
    assert "not a public address" in dead["failures"][0]["reason"]
    assert receiver.connections == 0


async def test_a_busy_receiver_is_tried_again_at_its_time_and_a_gone_one_never(
    serve: tuple[str, ...], port: int, receiver: Receiver
) -> None:
    receiver.responses = [response("503 Busy", "Retry-After: 1"), OK, response("410 Gone")]
    async with running(*serve), api(port) as http:
        delivered = await ended(http, await http.schedule("busy", to=receiver.url()))
        dead = await ended(http, await http.schedule("gone", to=receiver.url()))
    assert (delivered["status"], delivered["attempts"]) == ("delivered", 2)
    assert (dead["status"], dead["attempts"]) == ("dead", 1)
    attempts = [request.headers["postdate-attempt"] for request in receiver.received]
    assert attempts == ["1", "2", "1"]
    first, second, _ = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["traceparent"].split("-")[1] == second.headers["traceparent"].split("-")[1]
    assert int(second.headers["postdate-lateness-ms"]) >= 1_000


async def test_a_silent_host_delays_neither_another_host_nor_the_console(
    redis_url: str, namespace: str, port: int, receiver: Receiver
) -> None:
    async def keep_silent(_: Received, __: StreamWriter) -> None:
        await asyncio.get_running_loop().create_future()

    store = ("--redis-url", redis_url, "--namespace", namespace)
    http_server = running(*SERVE, "--port", str(port), "--no-deliver", *store, *ALLOW)
    async with receiving() as slow, http_server, api(port) as http:
        slow.behaviour = keep_silent
        await schedule_together(http, MORE_THAN_CAN_BE_CLAIMED, slow.url())
        async with running(*DELIVER_DUE, *store, *ALLOW, "--concurrency", "16") as deliverer:
            await slow.requests(8)
            async with asyncio.timeout(PROMPTLY_SECONDS):
                quick = await http.schedule("quick", to=receiver.url())
                await http.schedule("printed")
                await receiver.requests(1)
                await deliverer.lines(1)
            assert (await ended(http, quick))["attempts"] == 1
            assert slow.max_in_flight == 8


async def schedule_together(http: Api, count: int, to: str) -> None:
    slots = asyncio.Semaphore(MAX_CONCURRENT_REQUESTS)

    async def schedule(number: int) -> None:
        async with slots:
            await http.schedule(number, to=to)

    await asyncio.gather(*map(schedule, range(count)))


async def test_a_crash_repeats_only_the_deliveries_in_flight(
    redis_url: str, namespace: str, port: int, receiver: Receiver
) -> None:
    store = ("--redis-url", redis_url, "--namespace", namespace)
    in_flight, count = 8, 300
    unblocked = asyncio.Event()

    async def block_from_the_hundredth_on(_: Received, writer: StreamWriter) -> None:
        if len(receiver.received) > 100 and not unblocked.is_set():
            await unblocked.wait()
        writer.write(OK)

    receiver.behaviour = block_from_the_hundredth_on
    async with running(*SERVE, "--port", str(port), "--no-deliver", *store, *ALLOW), api(port) as http:
        messages = [await http.schedule(number, to=receiver.url()) for number in range(count)]
        async with running(*DELIVER_DUE, *store, *ALLOW, "--concurrency", str(2 * in_flight)) as first:
            await receiver.requests(100 + in_flight)
            await until(lambda: _are_settled(http, messages, 100))
            first.send(signal.SIGKILL)
            await first.ends()
        unblocked.set()
        async with running(*DELIVER_DUE, *store, *ALLOW):
            for message in messages:
                assert (await ended(http, message))["status"] == "delivered"
    requests = Counter(request.headers["webhook-id"] for request in receiver.received)
    assert requests.keys() == {message["id"] for message in messages}
    assert sum(requests.values()) - count == in_flight
    assert max(requests.values()) == 2


async def _are_settled(http: Api, messages: list[dict[str, Any]], count: int) -> bool:
    found = await asyncio.gather(*(http.find(message) for message in messages[: count + 20]))
    return [message["status"] for message in found].count("delivered") >= count


async def test_a_stop_finishes_the_deliveries_in_flight_and_gives_back_the_others(
    redis_url: str, namespace: str, port: int, receiver: Receiver
) -> None:
    unblocked = asyncio.Event()

    async def wait(_: Received, writer: StreamWriter) -> None:
        await unblocked.wait()
        writer.write(OK)

    receiver.behaviour = wait
    store = ("--redis-url", redis_url, "--namespace", namespace)
    async with running(*SERVE, "--port", str(port), "--no-deliver", *store, *ALLOW), api(port) as http:
        messages = [await http.schedule(number, to=receiver.url()) for number in range(20)]
        async with running(*DELIVER_DUE, *store, *ALLOW, "--concurrency", "8") as service:
            await receiver.requests(4)
            service.send(signal.SIGTERM)
            await until(lambda: _has(http, messages, "scheduled", 16))
            unblocked.set()
            assert await service.ends(MAX_WAIT_SECONDS) == 0
        assert await _has(http, messages, "delivered", 4)
        assert await _has(http, messages, "scheduled", 16)


async def _has(http: Api, messages: list[dict[str, Any]], status: str, count: int) -> bool:
    found = await asyncio.gather(*(http.find(message) for message in messages))
    return [message["status"] for message in found].count(status) == count
