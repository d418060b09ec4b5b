"""`POST /v1/messages/batch`: many messages in one request, as a JSON array or one message per line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, post
from litestar.types import ASGIApp

from ...parsing.json_body import decode, receive_chunk
from ...parsing.limits import MAX_ARRAY_ITEMS
from ...problems.request_errors import (
    InvalidRequestError,
    RequestTooLargeError,
    TooManyMessagesError,
    WrongContentTypeError,
)
from ...use_cases import HttpOptions, options_of, use_cases_of
from ..idempotency_key import HEADER
from .batch_operation import BatchOperation
from .batch_pipeline import BatchPipeline
from .batch_results import BatchResults
from .line_splitter import LineSplitter, LineTooLong

ARRAY = "application/json"
LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
MAX_LINE_BYTES_BESIDE_BODY = 65_536
"""The most that a line may have in addition to its message's body."""

_array = msgspec.json.Decoder(list[msgspec.Raw])


@post("/v1/messages/batch", operation_class=BatchOperation, status_code=HTTPStatus.OK, request_max_body_size=None)
async def schedule_batch(request: Request[Any, Any, Any]) -> ASGIApp:
    """Schedules many messages. A rejected message does not affect the rest; its result has a problem.

    Lines are scheduled while they are received, and there may be any number. The answer follows the last line.
    """
    if request.headers.get(HEADER) is not None:
        raise InvalidRequestError("$", f"A batch has no {HEADER}; each of its messages may have a `key`")
    options = options_of(request)
    item_groups, results = _items_of(request, options), BatchResults()
    pipeline = BatchPipeline(use_cases_of(request).schedule_messages, options, results)
    try:
        async for items in item_groups:
            for item in items:
                await pipeline.add(item)
        await pipeline.finish()
    except BaseException:
        results.close()
        await pipeline.abort()
        raise
    if results.outage is not None:
        results.close()
        raise results.outage
    return results


def _items_of(
    request: Request[Any, Any, Any], options: HttpOptions
) -> AsyncIterator[Iterator[bytes | msgspec.Raw | LineTooLong]]:
    content_type = request.headers.get("content-type", ARRAY)
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == ARRAY:
        return _array_items(request, options.max_request_bytes)
    if media_type in LINES:
        return _lines(request, LineSplitter(options.max_body_bytes + MAX_LINE_BYTES_BESIDE_BODY))
    raise WrongContentTypeError(content_type, f"{ARRAY} or {LINES[0]}")


async def _lines(
    request: Request[Any, Any, Any], splitter: LineSplitter
) -> AsyncIterator[Iterator[bytes | LineTooLong]]:
    async for chunk in _chunks(request):
        yield splitter.feed(chunk)
    yield splitter.end()


async def _array_items(request: Request[Any, Any, Any], limit_bytes: int) -> AsyncIterator[Iterator[msgspec.Raw]]:
    content = bytearray()
    async for chunk in _chunks(request):
        content += chunk
        if len(content) > limit_bytes:
            raise RequestTooLargeError(limit_bytes)
    if not content:
        raise InvalidRequestError("$", "The request has no body")
    items = decode(bytes(content), _array)
    if len(items) > MAX_ARRAY_ITEMS:
        raise TooManyMessagesError(len(items), MAX_ARRAY_ITEMS)
    yield iter(items)


async def _chunks(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    more = True
    while more:
        chunk, more = await receive_chunk(request)
        yield chunk
