"""`POST /v1/messages/batch`: many messages in one request, as an array or a message a line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, post
from litestar.types import ASGIApp

from ..openapi.document import BatchOperation
from ..parsing.json_body import decode, next_piece
from ..problems.request_errors import (
    InvalidRequestError,
    RequestTooLargeError,
    TooManyMessagesError,
    WrongContentTypeError,
)
from ..use_cases import HttpOptions, options_of, use_cases_of
from .batch_results import BatchResults
from .idempotency_key import HEADER
from .lines import Lines, LineTooLong
from .submission import Submission

ARRAY = "application/json"
LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
MAX_ARRAY_ITEMS = 10_000
ROOM_BESIDE_BODY_BYTES = 65_536
"""What a line may have besides its message's body."""

_array = msgspec.json.Decoder(list[msgspec.Raw])


@post("/v1/messages/batch", operation_class=BatchOperation, status_code=HTTPStatus.OK, request_max_body_size=None)
async def schedule_batch(request: Request[Any, Any, Any]) -> ASGIApp:
    """Schedules many messages. What is wrong with one is said in its place, and no matter of the others.

    Of lines there may be any number: they are scheduled while they come in, and the answer follows upon the last.
    """
    if request.headers.get(HEADER) is not None:
        raise InvalidRequestError("$", f"A batch has no {HEADER}; each of its messages may have a `key`")
    options = options_of(request)
    lines, results = _lines_of(request, options), BatchResults()
    submission = Submission(use_cases_of(request).schedule_messages, options, results)
    try:
        async for group in lines:
            for line in group:
                await submission.take(line)
        await submission.end()
    except BaseException:
        results.close()
        await submission.abandon()
        raise
    if results.store_was_away is not None:
        results.close()
        raise results.store_was_away
    return results


def _lines_of(
    request: Request[Any, Any, Any], options: HttpOptions
) -> AsyncIterator[Iterator[bytes | msgspec.Raw | LineTooLong]]:
    content_type = request.headers.get("content-type", ARRAY)
    kind = content_type.partition(";")[0].strip().lower()
    if kind == ARRAY:
        return _items(request, options.max_request_bytes)
    if kind in LINES:
        return _lines(request, Lines(options.max_body_bytes + ROOM_BESIDE_BODY_BYTES))
    raise WrongContentTypeError(content_type, f"{ARRAY} or {LINES[0]}")


async def _lines(request: Request[Any, Any, Any], lines: Lines) -> AsyncIterator[Iterator[bytes | LineTooLong]]:
    async for piece in _pieces(request):
        yield lines.feed(piece)
    yield lines.end()


async def _items(request: Request[Any, Any, Any], limit_bytes: int) -> AsyncIterator[Iterator[msgspec.Raw]]:
    content = bytearray()
    async for piece in _pieces(request):
        content += piece
        if len(content) > limit_bytes:
            raise RequestTooLargeError(limit_bytes)
    if not content:
        raise InvalidRequestError("$", "The request has no body")
    items = decode(bytes(content), _array)
    if len(items) > MAX_ARRAY_ITEMS:
        raise TooManyMessagesError(len(items), MAX_ARRAY_ITEMS)
    yield iter(items)


async def _pieces(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    more = True
    while more:
        piece, more = await next_piece(request)
        yield piece
