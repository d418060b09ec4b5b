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


class ClientDisconnectedError(Exception):
    """The client disconnected before its request was complete, so no response can be sent."""


class WebhookMiddleware(Guard["_App"]):
    """Passes only genuine and fresh webhooks to an application, and with `deliveries` each message only once.

    The response to a message that was handled before is 204, and to a message that is being handled 409, which
    makes Postdate try again later; the application sees neither. A message counts as not handled if the
    application raises, or responds with anything but 2xx.
    """

    async def __call__(self, scope: _Event, receive: _Receive, send: _Send) -> None:
        """Handles one request."""
        if scope["type"] != "http" or not scope["path"].startswith(self._path):
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(receive)
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            message_id = self._verified(headers, body)
            await self._handle(message_id, scope, _replaying(body, receive), send)
        except ClientDisconnectedError:
            return
        except WebhookError as error:
            await _respond(send, error.status, str(error))

    async def _handle(self, message_id: str, scope: _Event, receive: _Receive, send: _Send) -> None:
        if self._deliveries is None:
            await self._app(scope, receive, send)
            return
        async with idempotent(self._deliveries, message_id) as handling:
            if handling.repeated:
                await _respond(send, 204)
            else:
                await self._app(scope, receive, _recording_failure(handling, send))

    async def _read(self, receive: _Receive) -> bytes:
        body, more = bytearray(), True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                raise ClientDisconnectedError
            body += event.get("body", b"")
            self._require_size(len(body))
            more = event.get("more_body", False)
        return bytes(body)


def _recording_failure(handling: Handling, send: _Send) -> _Send:
    """Returns a `send` that marks the handling as failed if the status is not 2xx."""

    async def send_recorded(event: _Event) -> None:
        if event["type"] == "http.response.start" and event["status"] not in _SUCCESS:
            handling.fail()
        await send(event)

    return send_recorded


def _replaying(body: bytes, receive: _Receive) -> _Receive:
    """Returns a `receive` that gives the application the body that the middleware has read."""
    events: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Any:  # noqa: ANN401  # an ASGI event
        return events.pop() if events else await receive()

    return replay


async def _respond(send: _Send, status: int, text: str = "") -> None:
    body = text.encode()
    headers = (
        [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))] if body else []
    )
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
