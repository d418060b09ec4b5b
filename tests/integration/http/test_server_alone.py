"""The HTTP server without the rest of the process."""

from __future__ import annotations

import asyncio

import pytest
from litestar import Litestar

from postdate.entrypoints.http.server import HttpServer, HttpServerEndedError
from tests.integration.process.processes import free_port


async def test_a_server_that_was_stopped_before_it_started_does_not_start() -> None:
    server = HttpServer(Litestar(), "no address at all", 0)
    server.stop()
    await server.run()


async def test_a_server_that_is_stopped_ends() -> None:
    server = HttpServer(Litestar(), "127.0.0.1", free_port())
    serving = asyncio.create_task(server.run())
    server.stop()
    await serving


async def test_a_server_that_ends_without_being_stopped_is_an_error() -> None:
    server = HttpServer(Litestar(), "127.0.0.1", free_port())
    asyncio.get_running_loop().call_soon(server._server.stop)  # noqa: SLF001  # the server ends by itself
    with pytest.raises(HttpServerEndedError):
        await server.run()
