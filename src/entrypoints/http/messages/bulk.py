"""`POST /v1/messages/cancel` and `/replay`: changes all messages that are asked for."""

from __future__ import annotations

from datetime import tzinfo
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, post
from msgspec import UNSET, UnsetType

from ....domain.messages.query import Query
from ....domain.messages.status import Status
from ..parsing.filters import parse_instant
from ..parsing.json_body import read_json_body
from ..problems.request_errors import InvalidRequestError
from ..use_cases import options_of, use_cases_of
from .bulk_operations import CancelManyOperation, ReplayManyOperation


class BulkRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The list's filters, and whether only to count. Without a filter, `all` has to be true."""

    status: Status | list[Status] | UnsetType = UNSET
    to: str | UnsetType = UNSET
    label: str | UnsetType = UNSET
    due_after: str | int | float | UnsetType = UNSET
    due_before: str | int | float | UnsetType = UNSET
    all: bool = False
    dry_run: bool = False


class BulkAnswer(msgspec.Struct, frozen=True):
    """How many messages were asked for, and how many of them were changed."""

    matched: int
    changed: int


_decoder = msgspec.json.Decoder(BulkRequest)


@post("/v1/messages/cancel", operation_class=CancelManyOperation, status_code=HTTPStatus.OK)
async def cancel_messages(request: Request[Any, Any, Any]) -> BulkAnswer:
    """Cancels the waiting messages among those asked for."""
    asked = await read_json_body(request, _decoder)
    tally = await use_cases_of(request).cancel_messages(
        _query_of(asked, options_of(request).timezone), dry_run=asked.dry_run
    )
    return BulkAnswer(tally.matched, tally.changed)


@post("/v1/messages/replay", operation_class=ReplayManyOperation, status_code=HTTPStatus.OK)
async def replay_messages(request: Request[Any, Any, Any]) -> BulkAnswer:
    """Puts the dead messages among those asked for back to due."""
    asked = await read_json_body(request, _decoder)
    tally = await use_cases_of(request).replay_messages(
        _query_of(asked, options_of(request).timezone), dry_run=asked.dry_run
    )
    return BulkAnswer(tally.matched, tally.changed)


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
