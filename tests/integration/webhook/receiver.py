"""A receiver on loopback that stores the requests and answers with the bytes that a test defines."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator, Awaitable, Callable

    Behaviour = Callable[["Received", StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def response(status: str, *headers: str, body: bytes = b"") -> bytes:
    head = (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it was received."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return self.line.split(" ")[1]


@dataclass(slots=True)
class Receiver:
    """The requests so far, and the responses to send."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    responses: list[bytes] = field(default_factory=list)
    """The next responses; all later ones are 200."""
    behaviour: Behaviour | None = None
    """What to do instead of sending a response."""
    connections: int = 0
    in_flight: int = 0
    max_in_flight: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def requests(self, count: int) -> list[Received]:
        """Waits for `count` requests and returns them, the first first."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: len(self.received) >= count)
        return self.received[:count]

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await self._respond(await _read(reader, number), writer)
        writer.close()

    async def _respond(self, request: Received, writer: StreamWriter) -> None:
        async with self._changed:
            self.received.append(request)
            self.in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self.in_flight)
            self._changed.notify_all()
        try:
            if self.behaviour is not None:
                await self.behaviour(request, writer)
            else:
                writer.write(self.responses.pop(0) if self.responses else OK)
                await writer.drain()
        finally:
            self.in_flight -= 1


async def _read(reader: StreamReader, connection: int) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = [line.partition(": ") for line in head[1:] if line]
    headers = {name.lower(): value for name, _, value in fields}
    assert len(headers) == len(fields), "a header was sent twice"
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(line=head[0], headers=headers, body=body, connection=connection)


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Runs a receiver within the context."""
    receiver = Receiver()
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        with suppress(asyncio.CancelledError):
            await receiver.serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
