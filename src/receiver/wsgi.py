"""Middleware for WSGI applications: Flask, Django and others."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from io import BytesIO
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from .errors import InvalidHeadersError, WebhookError
from .guard import Guard
from .idempotency import idempotent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .idempotency import Handling

    _Environ = dict[str, Any]
    _Start = Callable[..., Any]
    _App = Callable[[_Environ, _Start], Iterable[bytes]]


class WsgiWebhookMiddleware(Guard["_App"]):
    """Does for WSGI what `WebhookMiddleware` does for ASGI. `deliveries` run in an event loop of another thread.

    A response is buffered and passed on when the application has finished: only then it is known whether the
    message counts as handled.
    """

    def __call__(self, environ: _Environ, start_response: _Start) -> Iterable[bytes]:
        """Handles one request."""
        if not environ.get("PATH_INFO", "").startswith(self._path):
            return self._app(environ, start_response)
        try:
            body = self._read(environ)
            message_id = self._verified(_headers_of(environ), body)
            return self._handle(message_id, environ | {"wsgi.input": BytesIO(body)}, start_response)
        except WebhookError as error:
            return _respond(start_response, error.status, str(error))

    def _handle(self, message_id: str, environ: _Environ, start_response: _Start) -> Iterable[bytes]:
        if self._deliveries is None:
            return self._app(environ, start_response)
        context = idempotent(self._deliveries, message_id)
        handling = _loop.run(context.__aenter__())
        try:
            if handling.repeated:
                response: Iterable[bytes] = _respond(start_response, HTTPStatus.NO_CONTENT)
            else:
                response = self._call_app(environ, start_response, handling)
        except BaseException as error:
            _loop.run(context.__aexit__(type(error), error, error.__traceback__))
            raise
        _loop.run(context.__aexit__(None, None, None))
        return response

    def _call_app(self, environ: _Environ, start_response: _Start, handling: Handling) -> Iterable[bytes]:
        def start(status: str, *rest: Any) -> Any:  # noqa: ANN401  # as WSGI defines it
            if not status.startswith("2"):
                handling.fail()
            return start_response(status, *rest)

        parts = self._app(environ, start)
        try:
            return [*parts]
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()

    def _read(self, environ: _Environ) -> bytes:
        length = environ.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()):
            raise InvalidHeadersError("Content-Length is not a number")
        self._require_size(int(length))
        body: bytes = environ["wsgi.input"].read(int(length))
        return body


def _headers_of(environ: _Environ) -> dict[str, str]:
    return {
        name.removeprefix("HTTP_").replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_WEBHOOK_")
    }


def _respond(start_response: _Start, status: int, text: str = "") -> list[bytes]:
    body = text.encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))] if body else []
    start_response(f"{int(status)} {HTTPStatus(status).phrase}", headers)
    return [body] if body else []


class _LoopInThread:
    """Runs coroutines for threads that have no event loop. It starts when it is first used, so after any fork."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = Lock()

    def run(self, awaitable: Any) -> Any:  # noqa: ANN401  # an awaitable and its result
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                Thread(target=self._loop.run_forever, name="postdate-receiver", daemon=True).start()
        return asyncio.run_coroutine_threadsafe(_await(awaitable), self._loop).result()


async def _await(awaitable: Any) -> Any:  # noqa: ANN401  # likewise
    return await awaitable


_loop = _LoopInThread()
"""One loop for all middlewares, because connections of `deliveries` belong to the loop that first used them."""
