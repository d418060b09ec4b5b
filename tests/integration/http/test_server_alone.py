"""The HTTP server without the rest of the process."""

from __future__ import annotations

import asyncio

import pytest
from litestar import Litestar

from postdate.entrypoints.http.server import HttpServer, HttpServerEndedError
from tests.integration.process.processes import free_port


async def test_a_server_that_was_stopped_before_it_began_does_not_begin() -> None:
    server = HttpServer(Litestar(), "no address at all", 0)
    server.stop()
    await server.run()


async def test_a_server_that_is_stopped_ends() -> None:
    server = HttpServer(Litestar(), "127.0.0.1", free_port())
    serving = asyncio.create_task(server.run())
    server.stop()
    await serving


async def test_a_server_that_ends_by_itself_is_a_failure() -> None:
    server = HttpServer(Litestar(), "127.0.0.1", free_port())
    asyncio.get_running_loop().call_soon(server._server.stop)  # noqa: SLF001  # as if it were ended from within
    with pytest.raises(HttpServerEndedError):
        await server.run()
