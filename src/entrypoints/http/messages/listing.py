"""`GET /v1/messages`: lists messages, a page at a time."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, get
from litestar.types import ASGIApp

from ..json_response import JSON, JsonResponse
from ..parsing.cursors import format_cursor, parse_cursor
from ..parsing.filters import FILTER_NAMES
from ..parsing.parameters import PAGE_SIZE, Parameters
from ..use_cases import options_of, use_cases_of
from .bulk_operations import ListOperation
from .message_views import MessageListView, view_of

_encode = msgspec.json.Encoder().encode


@get("/v1/messages", operation_class=ListOperation)
async def list_messages(request: Request[Any, Any, Any]) -> ASGIApp:
    """Lists messages in the order of their due times."""
    parameters = Parameters(request, (*FILTER_NAMES, "limit", "cursor"))
    query = parameters.query(options_of(request).timezone)
    limit = parameters.whole_number(PAGE_SIZE)
    cursor = parameters.one("cursor")
    after = None if cursor is None else parse_cursor(cursor, query, "cursor")
    page = await use_cases_of(request).list_messages(query, after, limit)
    view = MessageListView([view_of(message) for message in page.messages], format_cursor(page.next, query))
    return JsonResponse(_encode(view), JSON, HTTPStatus.OK)
