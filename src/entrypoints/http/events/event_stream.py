"""`GET /v1/events`: server-sent events of what happens."""

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
from ....application.live_events.watch_events import FeedPosition, News, Notice
from ....domain.errors import PostdateError
from ....domain.time.instant import to_rfc3339
from ..messages.bulk_operations import WatchOperation
from ..parsing.parameters import FILTERS, Parameters
from ..problems.request_errors import InvalidRequestError
from ..use_cases import options_of, use_cases_of

SLOWEST_SECONDS = 10.0
"""How long a client may take to take one event. A slower one is let go; it may come back with `Last-Event-ID`."""
RECONNECT_AFTER_MS = 1_000
_LAST_SEEN = re.compile(r"([0-9]{1,20}-[0-9]{1,20})\.([0-9]{1,9})", re.ASCII)
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # or nginx would hold events back
]


class MessageEventView(msgspec.Struct, frozen=True):
    """What has happened to a message, and how it is since."""

    id: str
    event: str
    at: str
    status: str
    to: str
    labels: tuple[str, ...]
    due_at: str
    attempts: int


_encode = msgspec.json.Encoder().encode


@get("/v1/events", operation_class=WatchOperation)
async def watch_events(request: Request[Any, Any, Any]) -> ASGIApp:
    """Tells what happens to messages, from now on, or behind the last event that was seen."""
    query = Parameters(request, FILTERS).query(options_of(request).timezone)
    news = await use_cases_of(request).watch_events.begin(
        query, _last_seen(request.headers.get("last-event-id", ""))
    )
    return EventStream(news)


class EventStream:
    """An ASGI application that sends news as they come, until the client leaves or is too slow."""

    def __init__(self, news: AsyncGenerator[News], slowest_seconds: float = SLOWEST_SECONDS) -> None:
        self._news = news
        self._slowest_seconds = slowest_seconds

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the stream."""
        sending = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                # The answer has begun: a store that is away, or a client that is gone, can only end it.
                with suppress(PostdateError, OSError):
                    await end_task(task)

    async def _send_all(self, send: Send) -> None:
        async with aclosing(self._news) as news:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._slowest_seconds):
                    await send({"type": "http.response.start", "status": HTTPStatus.OK.value, "headers": _HEADERS})
                    await send(_body(b"retry: %d\n\n" % RECONNECT_AFTER_MS))
                async for position, told in news:
                    async with asyncio.timeout(self._slowest_seconds):
                        await send(_body(_written(position, told)))
                await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _body(content: bytes) -> Any:  # noqa: ANN401  # Litestar's own type of it names every kind of message
    return {"type": "http.response.body", "body": content, "more_body": True}


def _written(position: FeedPosition, told: MessageEvent | Notice) -> bytes:
    place = f"id: {position.entry_id}.{position.seen}\n".encode()
    if told is Notice.HEARTBEAT:
        return b": heartbeat\n" + place + b"\n"
    if isinstance(told, Notice):
        return b"event: gap\n" + place + b"data: {}\n\n"
    return b"event: %b\n%bdata: %b\n\n" % (told.kind.encode(), place, _encode(_view(told)))


def _view(event: MessageEvent) -> MessageEventView:
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


def _last_seen(text: str) -> FeedPosition | None:
    if not text:
        return None
    match = _LAST_SEEN.fullmatch(text)
    if match is None or max(map(int, match[1].split("-"))) >= 2**64:
        raise InvalidRequestError("Last-Event-ID", f"{text!r:.80} is no id of an event")
    return FeedPosition(entry_id=match[1], seen=int(match[2]))
