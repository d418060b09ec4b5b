"""Requests as bytes on a connection to a real server."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from tests.integration.process.processes import SERVE, api, free_port, running, until

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator

    from tests.integration.process.processes import Running

HEAD = b"Host: here\r\nContent-Type: application/json\r\n"
RESPONSE_TIMEOUT_SECONDS = 10


@pytest.fixture
def serve(redis_url: str, namespace: str) -> tuple[str, ...]:
    """The command of a service that accepts messages and delivers none."""
    limits = ("--max-request-bytes", "1000")
    return (*SERVE, "--no-deliver", *limits, "--redis-url", redis_url, "--namespace", namespace)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def service(serve: tuple[str, ...], port: int) -> AsyncIterator[Running]:
    async with running(*serve, "--port", str(port)) as service, api(port):
        yield service


async def test_requests_of_any_form_have_the_right_status(service: Running, port: int) -> None:
    statuses = {
        b"POST /v1/messages HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + _chunks(4): 413,
        b"POST /v1/messages HTTP/1.1\r\n" + HEAD + b"Content-Length: 99999999\r\n\r\n": 413,
        b"POST /v1/messages HTTP/1.1\r\n" + HEAD + b"Content-Length: ten\r\n\r\n": 400,
        b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: \xff\r\nContent-Length: 2\r\n\r\n{}": 415,
        b"GET /v1/messages/%00 HTTP/1.1\r\n" + HEAD + b"\r\n": 404,
        b"GET /v1/messages/%ff%fe HTTP/1.1\r\n" + HEAD + b"\r\n": 404,
        b"GET /v1/messages/%zz HTTP/1.1\r\n" + HEAD + b"\r\n": 404,
        b"GET /v1/messages/\xff HTTP/1.1\r\n" + HEAD + b"\r\n": 400,
        b"GET /v1/messages/" + b"a" * 10_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n": 404,
        b"GET /v1/messages/" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n": 414,
        b"BREW /health/live HTTP/1.1\r\n" + HEAD + b"\r\n": 405,
        b"OPTIONS * HTTP/1.1\r\n" + HEAD + b"\r\n": 404,
        b"GET /health/live HTTP/1.0\r\n\r\n": 200,
        b"\x16\x03\x01\x02\x00\r\n\r\n": 400,
    }
    assert {request: await _status(port, request) for request in statuses} == statuses
    assert service.logged == []


async def test_a_request_may_arrive_in_chunks(service: Running, port: int) -> None:
    async with connection(port) as (reader, writer):
        writer.write(b"POST /v1/messages HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for chunk in (b'{"bo', b'dy": "', b"\xc3", b'\xa9"}', b""):
            writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            await writer.drain()
        assert await _status_in(reader) == HTTPStatus.CREATED
    assert service.process.returncode is None


async def test_a_client_that_disconnects_in_the_middle_is_not_logged(service: Running, port: int) -> None:
    async with connection(port) as (_, writer):
        writer.write(b"POST /v1/messages HTTP/1.1\r\n" + HEAD + b'Content-Length: 100\r\n\r\n{"bo')
        await writer.drain()
    async with connection(port) as (reader, writer):
        writer.write(b"GET /health/live HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert await _status_in(reader) == HTTPStatus.OK
    service.send(signal.SIGTERM)
    assert await service.ends() == 0
    assert service.logged == []


async def test_a_request_in_progress_is_answered_when_the_service_is_stopped(service: Running, port: int) -> None:
    async with connection(port) as (reader, writer):
        writer.write(
            b"POST /v1/messages HTTP/1.1\r\n" + HEAD + b'Expect: 100-continue\r\nContent-Length: 10\r\n\r\n{"bo'
        )
        assert await _status_in(reader) == HTTPStatus.CONTINUE
        service.send(signal.SIGTERM)
        await until(lambda: _refuses(port))
        writer.write(b'dy":1}')
        assert await _status_in(reader) == HTTPStatus.CREATED
    assert await service.ends() == 0


async def test_an_idle_connection_does_not_delay_the_stop(service: Running, port: int) -> None:
    async with connection(port) as (reader, writer):
        writer.write(b"GET /health/live HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert await _status_in(reader) == HTTPStatus.OK
        service.send(signal.SIGTERM)
        assert await service.ends(within=5) == 0


@pytest.mark.parametrize(
    ("flag", "host"), [("localhost", "localhost"), ("127.0.0.2", "127.0.0.2"), ("::1", "[::1]")]
)
@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_service_listens_on_any_loopback_address(
    serve: tuple[str, ...], port: int, flag: str, host: str, workers: str
) -> None:
    if flag == "::1" and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    command = (*serve, "--host", flag, "--port", str(port), "--workers", workers)
    async with running(*command), api(port, host) as http:
        await http.schedule("x", **{"in": "1h"})


# --- connections -----------------------------------------------------------------------------------------


@asynccontextmanager
async def connection(port: int) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def _status(port: int, request: bytes) -> int:
    async with connection(port) as (reader, writer):
        writer.write(request)
        return await _status_in(reader)


async def _status_in(reader: StreamReader) -> int:
    """Returns the status of the next response and does not read its body."""
    async with asyncio.timeout(RESPONSE_TIMEOUT_SECONDS):
        head = await reader.readuntil(b"\r\n\r\n")
    found = re.match(rb"HTTP/1\.[01] ([0-9]{3}) ", head)
    assert found, head
    return int(found[1])


async def _refuses(port: int) -> bool:
    try:
        async with connection(port):
            return False
    except OSError:
        return True


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def _chunks(count: int) -> bytes:
    return (b"200\r\n" + b"x" * 512 + b"\r\n") * count + b"0\r\n\r\n"
