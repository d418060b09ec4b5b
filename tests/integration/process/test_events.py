"""Live events of one instance reach the listeners of another instance."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from tests.integration.process.processes import DELIVER_DUE, SERVE, api, free_port, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.servers.private_server import PrivateServer

MAX_WAIT_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedEvent:
    """One server-sent event."""

    id: str
    event: str
    data: dict[str, Any]


@asynccontextmanager
async def listening(port: int, last_id: str = "", **filters: str) -> AsyncIterator[AsyncIterator[ReceivedEvent]]:
    headers = {"last-event-id": last_id} if last_id else {}
    timeout = httpx.Timeout(MAX_WAIT_SECONDS)
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=timeout) as client,
        client.stream("GET", "/v1/events", params=filters, headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer.aiter_lines())


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[ReceivedEvent]:
    fields: dict[str, str] = {}
    async for line in lines:
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        else:
            if "data" in fields:
                yield ReceivedEvent(id=fields["id"], event=fields["event"], data=json.loads(fields["data"]))
            fields = {}


async def first(events: AsyncIterator[ReceivedEvent], count: int) -> list[ReceivedEvent]:
    async with asyncio.timeout(MAX_WAIT_SECONDS):
        return [await anext(events) for _ in range(count)]


async def test_events_of_all_instances_reach_the_listeners_of_one(own_server: PrivateServer) -> None:
    port, other = free_port(), free_port()
    serve = (*SERVE, "--redis-url", own_server.url, "--no-deliver", "--port")
    async with (
        running(*serve, str(port)) as service,
        running(*serve, str(other)),
        running(*DELIVER_DUE, "--redis-url", own_server.url),
        api(port),
        api(other) as http,
    ):
        async with listening(port, to="console") as events:
            message = await http.schedule("hello")
            seen = await first(events, 3)
            assert {event.event for event in seen} == {"scheduled", "claimed", "delivered"}
            assert {event.data["id"] for event in seen} == {message["id"]}
        again = await http.schedule("between two listeners")
        async with listening(other, last_id=seen[0].id) as events:
            missed = await first(events, 5)
            assert missed[:2] == seen[1:]
            assert {event.data["id"] for event in missed[2:]} == {again["id"]}
            async with listening(port, label="no message has it"):
                service.send(signal.SIGTERM)
                assert await service.ends(within=5) == 0


async def test_a_client_that_does_not_read_its_answers_does_not_prevent_a_stop(
    own_server: PrivateServer,
) -> None:
    port = free_port()
    serve = (*SERVE, "--redis-url", own_server.url, "--port", str(port), "--drain-timeout", "1s", "--no-deliver")
    async with running(*serve) as service, api(port) as http:
        for _ in range(16):
            await http.schedule("x" * 250_000)
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", port))
            client.sendall(b"GET /v1/messages HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
            assert client.recv(1)
            service.send(signal.SIGTERM)
            assert await service.ends(within=10) == 0
        assert any("before all clients had read" in line for line in service.logged)
