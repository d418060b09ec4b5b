"""A bare Litestar handler on the server that Postdate uses: the limit of scheduling over HTTP."""

from __future__ import annotations

import asyncio
import sys

import msgspec
import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, post
from litestar.params import JSONBody  # noqa: TC002  # Litestar reads the annotation


class Document(msgspec.Struct):
    """The document of the request and of the response."""

    body: object
    at: int


@post("/echo")
async def echo(data: JSONBody[Document]) -> Document:
    """Returns the document of the request."""
    return data


async def serve(port: int) -> None:
    """Serves until the process ends."""
    app = Litestar([echo], openapi_config=None)
    server = Server(app, port=port, interface=Interfaces.ASGINL, log_enabled=False, websockets=False, backlog=1024)
    await server.serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1])))
