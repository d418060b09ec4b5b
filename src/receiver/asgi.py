"""Middleware for ASGI applications: Litestar, Starlette, FastAPI, Django and others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import WebhookError
from .guard import Guard
from .idempotency import Handling, idempotent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    _Event = MutableMapping[str, Any]
    _Receive = Callable[[], Awaitable[Any]]
    _Send = Callable[[Any], Awaitable[None]]
    _App = Callable[[Any, _Receive, _Send], Awaitable[None]]

_SUCCESS = range(200, 300)


class ClientLeftError(Exception):
    """The request ended before it was complete, so that there is nobody to answer."""


class WebhookMiddleware(Guard["_App"]):
    """Lets an application see only webhooks that are genuine and fresh, and with `deliveries` each only once.

    A message that was handled is answered 204 without asking the application; one that is being handled 409, which
    has Postdate try again later. An answer of 400 or more, or an exception, means that it was not handled.
    """

    async def __call__(self, scope: _Event, receive: _Receive, send: _Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or not scope["path"].startswith(self._path):
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(receive)
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            message_id = self._verified(headers, body)
            await self._handle(message_id, scope, _replaying(body, receive), send)
        except ClientLeftError:
            return
        except WebhookError as error:
            await _answer(send, error.status, str(error))

    async def _handle(self, message_id: str, scope: _Event, receive: _Receive, send: _Send) -> None:
        if self._deliveries is None:
            await self._app(scope, receive, send)
            return
        async with idempotent(self._deliveries, message_id) as handling:
            if handling.repeated:
                await _answer(send, 204)
            else:
                await self._app(scope, receive, _watching(handling, send))

    async def _read(self, receive: _Receive) -> bytes:
        body, more = bytearray(), True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                raise ClientLeftError
            body += event.get("body", b"")
            self._require_room(len(body))
            more = event.get("more_body", False)
        return bytes(body)


def _watching(handling: Handling, send: _Send) -> _Send:
    """Returns a `send` that looks at the status which the application answers."""

    async def watch(event: _Event) -> None:
        if event["type"] == "http.response.start" and event["status"] not in _SUCCESS:
            handling.fail()
        await send(event)

    return watch


def _replaying(body: bytes, receive: _Receive) -> _Receive:
    """Returns a `receive` that gives the application the body that was read."""
    events: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Any:  # noqa: ANN401  # an event of ASGI
        return events.pop() if events else await receive()

    return replay


async def _answer(send: _Send, status: int, text: str = "") -> None:
    body = text.encode()
    headers = (
        [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))] if body else []
    )
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
