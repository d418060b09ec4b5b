"""`POST /v1/messages/cancel` and `/replay`: changes all messages that match filters."""

from __future__ import annotations

from datetime import tzinfo
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, post

from ....domain.messages.query import Query
from ..parsing.filters import query_of
from ..parsing.json_body import read_json_body
from ..problems.request_errors import InvalidRequestError
from ..use_cases import options_of, use_cases_of
from .bulk_documents import BulkFields, BulkRequest, BulkResultView
from .bulk_operations import CancelManyOperation, ReplayManyOperation

_decoder = msgspec.json.Decoder(BulkRequest)


@post("/v1/messages/cancel", operation_class=CancelManyOperation, status_code=HTTPStatus.OK)
async def cancel_messages(request: Request[Any, Any, Any]) -> BulkResultView:
    """Cancels the waiting messages that match."""
    document = await read_json_body(request, _decoder)
    query = _query_of(document, options_of(request).timezone)
    result = await use_cases_of(request).cancel_messages(query, dry_run=document.dry_run)
    return BulkResultView(result.matched, result.changed)


@post("/v1/messages/replay", operation_class=ReplayManyOperation, status_code=HTTPStatus.OK)
async def replay_messages(request: Request[Any, Any, Any]) -> BulkResultView:
    """Makes the dead messages that match due again."""
    document = await read_json_body(request, _decoder)
    query = _query_of(document, options_of(request).timezone)
    result = await use_cases_of(request).replay_messages(query, dry_run=document.dry_run)
    return BulkResultView(result.matched, result.changed)


def _query_of(document: BulkFields, zone: tzinfo) -> Query:
    query = query_of(lambda wanted: getattr(document, wanted.name), zone, "$.{}".format)
    if document.all == (query != Query()):
        raise InvalidRequestError("$.all", "Give a filter, or say `all` true for every message; not both")
    return query
