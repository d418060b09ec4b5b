"""`GET /v1/messages`: lists messages, a page at a time."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.types import ASGIApp

from ..json_response import JSON, JsonResponse
from ..overview import Overview
from ..parsing.cursors import format_cursor, parse_cursor
from ..parsing.filters import FILTER_NAMES
from ..parsing.parameters import PAGE_SIZE, Parameters
from .bulk_operations import ListOperation
from .message_views import MessageListView, view_of

_encode = msgspec.json.Encoder().encode


@get("/v1/messages", operation_class=ListOperation)
async def list_messages(request: Request[Any, Any, Any], overview: NamedDependency[Overview]) -> ASGIApp:
    """Lists messages in the order of their due times."""
    parameters = Parameters(request, (*FILTER_NAMES, "limit", "cursor"))
    query = parameters.query(overview.zone)
    limit = parameters.whole_number(PAGE_SIZE)
    cursor = parameters.one("cursor")
    after = None if cursor is None else parse_cursor(cursor, query, "cursor")
    page = await overview.listing(query, after, limit)
    answer = MessageListView([view_of(message) for message in page.messages], format_cursor(page.next, query))
    return JsonResponse(_encode(answer), JSON, HTTPStatus.OK)
