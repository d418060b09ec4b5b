"""`serve` on the embedded store: its output, its end and its recovery."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.process.processes import (
    SERVE,
    Api,
    api,
    data_folder,
    free_port,
    in_ms,
    kill_server,
    running,
    server_pid,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_LATENESS_SECONDS = 1.0
MAX_STOP_SECONDS = 5.0


@pytest.fixture
def data() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def serve(data: Path, port: int) -> tuple[str, ...]:
    """The command of a service on an embedded store."""
    return (*SERVE, "--port", str(port), "--data-dir", str(data))


# --- output --------------------------------------------------------------------------------------


async def test_only_the_message_is_printed_and_at_its_time(serve: tuple[str, ...], port: int) -> None:
    async with running(*serve) as service, api(port) as http:
        at = in_ms(1)
        answer = await http.client.post("/echoAtTime", json={"time": at, "message": "Hello future!"})
        assert answer.text == "Message scheduled successfully"
        (line,) = await service.lines(1)
        assert 0 <= line.lateness(at / 1000) <= MAX_LATENESS_SECONDS
        service.send(signal.SIGTERM)
        assert await service.ends() == 0
    assert [line.text for line in service.printed] == ["Hello future!"]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("two\nlines\r\nor three", "two\\nlines\\r\\nor three"),
        ("é😀 \u2028 \x00", "é😀 \u2028 \x00"),
        ({"cart": [1, 2.5, None], "é": "a\nb"}, '{"cart":[1,2.5,null],"é":"a\\nb"}'),
        (False, "false"),
        ("", ""),
    ],
)
async def test_a_delivery_is_one_line(serve: tuple[str, ...], port: int, body: object, line: str) -> None:
    async with running(*serve) as service, api(port) as http:
        await http.client.post("/v1/messages", content=_json({"body": body}), headers=_JSON)
        await http.schedule("last", at=in_ms(0.1))
        assert [printed.text for printed in await service.lines(2)] == [line, "last"]


async def test_messages_are_printed_in_due_order(serve: tuple[str, ...], port: int) -> None:
    async with running(*serve) as service, api(port) as http:
        start = in_ms(0.5)
        for number in (3, 0, 2, 1):
            await http.schedule(number, at=start + number * 20)
        assert [line.content for line in await service.lines(4)] == [0, 1, 2, 3]


async def test_an_earlier_message_does_not_wait_for_a_later_one(serve: tuple[str, ...], port: int) -> None:
    async with running(*serve) as service, api(port) as http:
        await http.schedule("later", **{"in": "1h"})
        at = in_ms(0.3)
        await http.schedule("sooner", at=at)
        (line,) = await service.lines(1)
        assert line.text == "sooner"
        assert 0 <= line.lateness(at / 1000) <= MAX_LATENESS_SECONDS


async def test_the_log_is_structured_and_contains_no_body(serve: tuple[str, ...], port: int, data: Path) -> None:
    async with running(*serve) as service, api(port) as http:
        await http.schedule("private", at=in_ms(1))
        kill_server(data)
        await service.says("the embedded store is gone")
        await service.lines(1)
        service.send(signal.SIGTERM)
        assert await service.ends() == 0
    assert {"at", "level", "event"} <= set.intersection(*(set(line) for line in service.log))
    assert "private" not in "".join(service.logged)


# --- stopping -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_the_service_and_its_store_within_five_seconds(
    serve: tuple[str, ...], port: int, data: Path, number: signal.Signals
) -> None:
    async with running(*serve) as service, api(port):
        service.send(number)
        assert await service.ends(within=MAX_STOP_SECONDS) == 0
    assert server_pid(data) is None
    assert service.printed == []
    assert service.logged == []


async def test_a_signal_during_the_start_stops_the_service(serve: tuple[str, ...], data: Path) -> None:
    async with running(*serve) as service:
        await until(lambda: _exists(data / "start.lock"))
        service.send(signal.SIGTERM)
        assert await service.ends(within=MAX_STOP_SECONDS) == 0
    assert service.logged == []


async def test_the_next_service_delivers_the_messages_that_waited_when_one_stopped(
    serve: tuple[str, ...], port: int
) -> None:
    async with running(*serve) as first, api(port) as http:
        await http.schedule("waits", at=in_ms(1))
        first.send(signal.SIGINT)
        assert await first.ends() == 0
    async with running(*serve) as second, api(port):
        assert [line.text for line in await second.lines(1)] == ["waits"]
    assert first.printed == []


async def test_accepted_messages_survive_a_kill_of_every_process(
    serve: tuple[str, ...], port: int, data: Path
) -> None:
    async with running(*serve) as first, api(port) as http:
        for number in range(20):
            await http.schedule(number, at=in_ms(1))
        first.send(signal.SIGKILL)
        kill_server(data)
        assert await first.ends() == -signal.SIGKILL
    async with running(*serve) as second, api(port):
        lines = [*first.printed, *await second.lines(20 - len(first.printed))]
    assert {line.content for line in lines} == set(range(20))


async def test_a_second_signal_ends_the_service_at_once(serve: tuple[str, ...], port: int) -> None:
    with pipe() as output:
        async with running(*serve, stdout=output.writing) as service, api(port) as http:
            message = await http.schedule("x" * 200_000)
            await until(lambda: _is(http, message, "delivering"))
            service.send(signal.SIGTERM)
            await until(lambda: _refuses_connections(port))
            assert service.process.returncode is None
            service.send(signal.SIGTERM)
            assert await service.ends(within=1) == 128 + signal.SIGTERM


# --- standard output that nobody reads
# -----------------------------------------------------------------------------------


async def test_a_reader_that_stops_reading_does_not_stop_http_and_loses_no_message(
    serve: tuple[str, ...], port: int
) -> None:
    with pipe() as output:
        async with running(*serve, stdout=output.writing) as service, api(port) as http:
            bodies = [f"{number}-{'x' * 50_000}" for number in range(10)]
            for body in bodies:
                await http.schedule(body)
            assert await http.is_ready()
            assert await asyncio.to_thread(output.lines, 10) == bodies
            service.send(signal.SIGTERM)
            assert await service.ends() == 0
            output.close_writing()
            assert output.rest() == ""


async def test_a_service_that_stops_while_nobody_reads_gives_back_unprinted_messages(
    serve: tuple[str, ...], port: int
) -> None:
    bodies = [f"{number}-{'x' * 50_000}" for number in range(10)]
    with pipe() as output:
        draining = ("--drain-timeout", "300ms")
        async with running(*serve, *draining, stdout=output.writing) as first, api(port) as http:
            messages = [await http.schedule(body) for body in bodies]
            await until(lambda: _is(http, messages[-1], "delivering"))
            first.send(signal.SIGTERM)
            assert await first.ends(within=MAX_STOP_SECONDS) == 0
        output.close_writing()
        *printed, _incomplete = output.rest().split("\n")
    async with running(*serve) as second, api(port) as http:
        await until(lambda: _is(http, messages[-1], "delivered"))
        second.send(signal.SIGTERM)
        assert await second.ends() == 0
    again = [line.text for line in second.printed]
    assert again == bodies[-len(again) :]
    assert printed + again[-(len(bodies) - len(printed)) :] == bodies


async def test_a_broken_pipe_loses_no_message(serve: tuple[str, ...], port: int) -> None:
    with pipe() as output:
        async with running(*serve, stdout=output.writing) as first, api(port) as http:
            output.close()
            message = await http.schedule("kept")
            await until(lambda: _has_failed(http, message, "BrokenPipeError"))
            first.send(signal.SIGTERM)
            assert await first.ends(within=MAX_STOP_SECONDS) == 0
    await _next_service_prints(serve, port, message)


async def test_a_standard_output_closed_before_the_start_loses_no_message(
    serve: tuple[str, ...], port: int
) -> None:
    without_output = ("sh", "-c", 'exec "$@" >&-', "sh")
    async with running(*without_output, *serve) as first, api(port) as http:
        message = await http.schedule("kept")
        await until(lambda: _has_failed(http, message, "OSError"))
        first.send(signal.SIGTERM)
        assert await first.ends(within=MAX_STOP_SECONDS) == 0
    await _next_service_prints(serve, port, message)


# --- refused starts -----------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_port_in_use_is_wrong_usage(serve: tuple[str, ...], port: int, workers: str) -> None:
    with socket.create_server(("127.0.0.1", port)):
        async with running(*serve, "--workers", workers) as service:
            assert await service.ends() == 2
    assert len(service.logged) == 1
    assert "--port" in service.logged[0]


async def test_a_second_service_does_not_share_the_port_of_the_first(serve: tuple[str, ...], port: int) -> None:
    async with running(*serve), api(port), running(*serve) as second:
        assert await second.ends() == 2
    assert "--port" in second.logged[0]


async def test_an_address_of_another_machine_is_wrong_usage(serve: tuple[str, ...]) -> None:
    command = (*serve, "--host", "192.0.2.1", "--api-keys", "name:secret")
    async with running(*command) as service:
        assert await service.ends() == 2
    assert len(service.logged) == 1
    assert "--host" in service.logged[0]


async def test_a_folder_that_cannot_be_written_is_wrong_usage(serve: tuple[str, ...], data: Path) -> None:
    data.touch()  # noqa: ASYNC240  # a small file in a temporary folder
    async with running(*serve) as service:
        assert await service.ends() == 2
    assert len(service.logged) == 1
    assert "POSTDATE_DATA_DIR" in service.logged[0]


async def test_a_service_with_api_keys_may_listen_on_all_addresses(data: Path, port: int) -> None:
    keys = {"POSTDATE_API_KEYS": "shop:s3cret", "POSTDATE_DATA_DIR": str(data)}
    async with running(*SERVE, "--host", "0.0.0.0", "--port", str(port), env=keys) as service, api(port) as http:  # noqa: S104
        refused = await http.client.post("/v1/messages", json={"body": 1})
        assert refused.status_code == HTTPStatus.UNAUTHORIZED
        http.client.headers["authorization"] = "Bearer s3cret"
        await http.schedule("accepted")
        await service.lines(1)
    assert "s3cret" not in "".join(service.logged)


# --- helpers --------------------------------------------------------------------------

_JSON = {"content-type": "application/json"}


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


async def _exists(path: Path) -> bool:
    return path.exists()  # noqa: ASYNC240  # a small file in a temporary folder


async def _is(http: Api, message: dict[str, Any], status: str) -> bool:
    found: str = (await http.find(message))["status"]
    return found == status


async def _has_failed(http: Api, message: dict[str, Any], reason: str) -> bool:
    return any(reason in failure["reason"] for failure in (await http.find(message))["failures"])


async def _refuses_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return True
    return False


async def _next_service_prints(serve: tuple[str, ...], port: int, message: dict[str, Any]) -> None:
    async with running(*serve) as second, api(port) as http:
        assert [line.text for line in await second.lines(1)] == [message["body"]]
        await until(lambda: _is(http, message, "delivered"))


class Pipe:
    """A pipe that only the test reads."""

    def __init__(self) -> None:
        self._reading, self.writing = os.pipe()
        self._reader = os.fdopen(self._reading, encoding="utf-8")

    def lines(self, count: int) -> list[str]:
        return [self._reader.readline().removesuffix("\n") for _ in range(count)]

    def rest(self) -> str:
        return self._reader.read()

    def close_writing(self) -> None:
        if self.writing >= 0:
            os.close(self.writing)
            self.writing = -1

    def close(self) -> None:
        self._reader.close()


@contextmanager
def pipe() -> Iterator[Pipe]:
    output = Pipe()
    try:
        yield output
    finally:
        output.close()
        output.close_writing()
