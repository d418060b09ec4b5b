"""`GET /v1/events`: the events of messages as server-sent events."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, get
from litestar.types import ASGIApp, Receive, Scope, Send

from ....application.end_task import end_task
from ....application.events.message_event import MessageEvent
from ....application.live_events.watch_events import FeedPosition, FeedUpdate, Notice
from ....domain.errors import PostdateError
from ....domain.time.instant import to_rfc3339
from ..parsing.filters import FILTER_NAMES
from ..parsing.parameters import Parameters
from ..problems.request_errors import InvalidRequestError
from ..use_cases import options_of, use_cases_of
from .event_operations import WatchOperation
from .event_views import MessageEventView

SEND_TIMEOUT_SECONDS = 10.0
"""How long a client may take to receive one event.

A slower client is disconnected. It may resume with `Last-Event-ID`.
"""
RECONNECT_AFTER_MS = 1_000
_EVENT_ID = re.compile(r"([0-9]{1,20}-[0-9]{1,20})\.([0-9]{1,9})", re.ASCII)
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # otherwise nginx delays events
]
_encode = msgspec.json.Encoder().encode


@get("/v1/events", operation_class=WatchOperation)
async def watch_events(request: Request[Any, Any, Any]) -> ASGIApp:
    """Streams the events of messages, from now on or after the last event that the client received."""
    query = Parameters(request, FILTER_NAMES).query(options_of(request).timezone)
    after = _parse_event_id(request.headers.get("last-event-id", ""))
    return EventStream(await use_cases_of(request).watch_events.begin(query, after))


class EventStream:
    """An ASGI application that sends events until the client disconnects or is too slow."""

    def __init__(
        self, updates: AsyncGenerator[FeedUpdate], send_timeout_seconds: float = SEND_TIMEOUT_SECONDS
    ) -> None:
        self._updates = updates
        self._send_timeout_seconds = send_timeout_seconds

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the stream."""
        sending = asyncio.create_task(self._send_all(send))
        disconnecting = asyncio.create_task(_wait_for_disconnect(receive))
        try:
            await asyncio.wait((sending, disconnecting), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, disconnecting):
                # The response has begun, so an error of the store or of the connection can only end it.
                with suppress(PostdateError, OSError):
                    await end_task(task)

    async def _send_all(self, send: Send) -> None:
        async with aclosing(self._updates) as updates:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._send_timeout_seconds):
                    await send({"type": "http.response.start", "status": HTTPStatus.OK.value, "headers": _HEADERS})
                    await send(_body(b"retry: %d\n\n" % RECONNECT_AFTER_MS))
                async for position, event in updates:
                    async with asyncio.timeout(self._send_timeout_seconds):
                        await send(_body(_encode_event(position, event)))
                await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _body(content: bytes) -> Any:  # noqa: ANN401  # Litestar's type of it names every kind of message
    return {"type": "http.response.body", "body": content, "more_body": True}


def _encode_event(position: FeedPosition, event: MessageEvent | Notice) -> bytes:
    event_id = f"id: {position.entry_id}.{position.seen}\n".encode()
    if event is Notice.HEARTBEAT:
        return b": heartbeat\n" + event_id + b"\n"
    if isinstance(event, Notice):
        return b"event: gap\n" + event_id + b"data: {}\n\n"
    return b"event: %b\n%bdata: %b\n\n" % (event.kind.encode(), event_id, _encode(_view_of(event)))


def _view_of(event: MessageEvent) -> MessageEventView:
    return MessageEventView(
        id=event.message_id,
        event=event.kind,
        at=to_rfc3339(event.at),
        status=event.status,
        to=event.to,
        labels=event.labels,
        due_at=to_rfc3339(event.due_at),
        attempts=event.attempts,
    )


def _parse_event_id(text: str) -> FeedPosition | None:
    if not text:
        return None
    match = _EVENT_ID.fullmatch(text)
    if match is None or max(map(int, match[1].split("-"))) >= 2**64:
        raise InvalidRequestError("Last-Event-ID", f"{text!r:.80} is no id of an event")
    return FeedPosition(entry_id=match[1], seen=int(match[2]))
