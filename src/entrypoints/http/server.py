"""The HTTP server: Granian, in this process's own event loop.

Granian answered 1.3 times as many requests as uvicorn with httptools and uvloop, on two cores and a bare Litestar
handler. Embedded it is as fast as with a worker process, and the delivery loop can share its connections.
"""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from ...domain.errors import ConfigurationError

if TYPE_CHECKING:
    from litestar import Litestar

BACKLOG = 1024


class HttpServer:
    """Serves an application until it is stopped."""

    def __init__(self, app: Litestar, host: str, port: int) -> None:
        self._server = Server(
            app,
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.auto,
            websockets=False,
            backlog=BACKLOG,
            log_enabled=False,
        )

    async def run(self) -> None:
        """Answers requests until stopped; those that were begun are finished."""
        await self._server.serve()

    def stop(self) -> None:
        """Asks `run` to end."""
        self._server.stop()  # type: ignore[no-untyped-call]  # Granian leaves it without types


def require_free(host: str, port: int) -> None:
    """Refuses an address that cannot be listened on. Granian's sockets would share a port with another service.

    Raises:
        ConfigurationError: the port is taken, or the host is not one of this machine's addresses.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        flag = "--port" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "--host"
        value = port if flag == "--port" else host
        reason = error.strerror or str(error)
        raise ConfigurationError(flag, f"{value} cannot be listened on: {reason}") from error
