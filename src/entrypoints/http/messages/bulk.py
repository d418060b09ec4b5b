"""`POST /v1/messages/cancel` and `/replay`: changes all messages that are asked for."""

from __future__ import annotations

from datetime import tzinfo
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from msgspec import UNSET, UnsetType

from ....domain.messages.query import Query
from ....domain.messages.status import Status
from ..overview import Overview
from ..parsing.filters import parse_instant
from ..parsing.json_body import read_json_body
from ..problems.request_errors import InvalidRequestError
from .bulk_documents import BulkRequest, BulkResultView
from .bulk_operations import CancelManyOperation, ReplayManyOperation

_decoder = msgspec.json.Decoder(BulkRequest)


@post("/v1/messages/cancel", operation_class=CancelManyOperation, status_code=HTTPStatus.OK)
async def cancel_messages(request: Request[Any, Any, Any], overview: NamedDependency[Overview]) -> BulkResultView:
    """Cancels the waiting messages among those asked for."""
    asked = await read_json_body(request, _decoder)
    tally = await overview.cancel(_query_of(asked, overview.zone), dry_run=asked.dry_run)
    return BulkResultView(tally.matched, tally.changed)


@post("/v1/messages/replay", operation_class=ReplayManyOperation, status_code=HTTPStatus.OK)
async def replay_messages(request: Request[Any, Any, Any], overview: NamedDependency[Overview]) -> BulkResultView:
    """Puts the dead messages among those asked for back to due."""
    asked = await read_json_body(request, _decoder)
    tally = await overview.replay(_query_of(asked, overview.zone), dry_run=asked.dry_run)
    return BulkResultView(tally.matched, tally.changed)


def _query_of(asked: BulkRequest, zone: tzinfo) -> Query:
    query = Query(
        statuses=_statuses(asked.status),
        to=_text(asked.to, "$.to"),
        label=_text(asked.label, "$.label"),
        due_after=parse_instant(asked.due_after, zone, "$.due_after"),
        due_before=parse_instant(asked.due_before, zone, "$.due_before"),
    )
    if asked.all == (query != Query()):
        raise InvalidRequestError("$.all", "Give a filter, or say `all` true for every message; not both")
    return query


def _statuses(given: Status | list[Status] | UnsetType) -> frozenset[Status]:
    if given is UNSET:
        return frozenset()
    statuses = [given] if isinstance(given, Status) else given
    if not statuses:
        raise InvalidRequestError("$.status", "Name a state, or leave it out for any")
    return frozenset(statuses)


def _text(given: str | UnsetType, path: str) -> str | None:
    """Returns a text; an empty one is no filter, and taking it for none could cancel everything."""
    if given == "":
        raise InvalidRequestError(path, "It is empty; leave it out for any")
    return None if given is UNSET else given
