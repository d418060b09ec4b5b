"""The HTTP server: Granian, in the event loop of this process.

Granian answered 1.3 times as many requests as uvicorn with httptools and uvloop, on two cores and a bare Litestar
handler. Embedded, it is as fast as with a worker process, and the delivery loop can share its connections.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from ...domain.errors import ConfigurationError, PostdateError

if TYPE_CHECKING:
    from litestar import Litestar

logger = logging.getLogger("postdate.http")

BACKLOG = 1024
"""How many connections may wait to be accepted."""


class HttpServerEndedError(PostdateError):
    """The HTTP server ended although it was not stopped. Without this error, only its clients would notice."""

    def __init__(self) -> None:
        """Builds the line that a command prints before it exits with 1."""
        super().__init__("the HTTP server ended unexpectedly")


class HttpServer:
    """Serves an application until it is stopped."""

    def __init__(self, app: Litestar, address: str, port: int, drain_seconds: float = 30.0) -> None:
        """Prepares the server; `run` starts it.

        Args:
            app: The application.
            address: The address to listen on.
            port: The port to listen on.
            drain_seconds: How long requests in progress may take after `stop`.
        """
        self._stopping = False
        self._stop_requested = asyncio.Event()
        self._drain_seconds = drain_seconds
        self._server = Server(
            app,
            address=address,
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.auto,
            websockets=False,
            backlog=BACKLOG,
            log_enabled=False,
        )

    async def run(self) -> None:
        """Answers requests until `stop`, and then finishes those in progress, if their clients read the answers.

        Raises:
            HttpServerEndedError: The server ended although it was not stopped.
        """
        if not self._stopping:
            await self._serve()
        if not self._stopping:
            raise HttpServerEndedError

    async def _serve(self) -> None:
        # Granian itself waits without limit for a client that does not read its answer.
        serving = asyncio.create_task(self._server.serve())
        stop_requested = asyncio.create_task(self._stop_requested.wait())
        try:
            await asyncio.wait((serving, stop_requested), return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait((serving,), timeout=self._drain_seconds)
        finally:
            stop_requested.cancel()
            if not serving.done():
                logger.warning("stopped before all clients had read their answers")
                serving.cancel()
                await asyncio.wait((serving,))
        if not serving.cancelled():
            serving.result()

    def stop(self) -> None:
        """Stops the server. A `run` that begins later returns at once."""
        self._stopping = True
        self._stop_requested.set()
        self._server.stop()  # type: ignore[no-untyped-call]  # Granian does not annotate it


def free_address(host: str, port: int) -> str:
    """Returns the first IP address of a host on which the port is free.

    Granian needs an address, and its sockets would share the port with another service instead of failing.

    Raises:
        ConfigurationError: The port is in use, or the host is not an address of this machine.
    """
    first_error: OSError | None = None
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                with socket.socket(family, kind, protocol) as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(address)
            except OSError as error:
                first_error = first_error or error
            else:
                return str(address[0])
    except OSError as error:
        first_error = error
    raise _not_free(host, port, first_error) from first_error


def _not_free(host: str, port: int, error: OSError | None) -> ConfigurationError:
    is_port_in_use = error is not None and error.errno in (errno.EADDRINUSE, errno.EACCES)
    flag, value = ("--port", port) if is_port_in_use else ("--host", host)
    reason = "it has no address" if error is None else error.strerror or str(error)
    return ConfigurationError(flag, f"{value} cannot be listened on: {reason}")
