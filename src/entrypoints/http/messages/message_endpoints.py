"""`/v1/messages`: schedule, look up, edit, deliver now, replay, cancel."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.params import FromPath
from litestar.types import ASGIApp

from ....domain.messages.message import Message
from ..json_response import JSON, JsonResponse
from ..openapi.document import (
    CancelOperation,
    DeliverOperation,
    EditOperation,
    FindOperation,
    ReplayOperation,
    ScheduleOperation,
)
from ..parsing.json_body import read_json_body
from ..use_cases import options_of, use_cases_of
from .entity_tags import condition_of, is_known
from .idempotency_key import key_in, key_of
from .message_documents import MessagePatch, NewMessage
from .message_requests import edit_request_of, schedule_request_of, with_error_paths
from .message_views import location_of, show, tag_of

_new = msgspec.json.Decoder(NewMessage)
_patch = msgspec.json.Decoder(MessagePatch)


@post("/v1/messages", operation_class=ScheduleOperation)
async def schedule_message(request: Request[Any, Any, Any]) -> ASGIApp:
    """Schedules a message."""
    use_cases = use_cases_of(request)
    document = await read_json_body(request, _new)
    asked = schedule_request_of(document, options_of(request))
    key = key_of(document, asked, key_in(request))
    with with_error_paths(document):
        if key is not None:
            return _show_keyed(*await use_cases.schedule_messages.once(asked, key))
        message = await use_cases.schedule_message(asked)
    return show(message, HTTPStatus.CREATED, {"location": location_of(message)})


def _show_keyed(message: Message, repeated: bool) -> ASGIApp:  # noqa: FBT001  # as the use case answers it
    location = {"location": location_of(message)}
    if repeated:
        return show(message, HTTPStatus.OK, {**location, "idempotent-replayed": "true"})
    return show(message, HTTPStatus.CREATED, location)


@get("/v1/messages/{message_id:str}", operation_class=FindOperation)
async def find_message(request: Request[Any, Any, Any], message_id: FromPath[str]) -> ASGIApp:
    """Looks a message up, with what has happened to it."""
    message = await use_cases_of(request).find_message(message_id)
    if is_known(request.headers.get("if-none-match"), message):
        return JsonResponse(b"", JSON, HTTPStatus.NOT_MODIFIED, {"etag": tag_of(message)})
    return show(message, HTTPStatus.OK)


@patch("/v1/messages/{message_id:str}", operation_class=EditOperation)
async def edit_message(request: Request[Any, Any, Any], message_id: FromPath[str]) -> ASGIApp:
    """Changes a message that waits."""
    document = await read_json_body(request, _patch)
    condition = condition_of(request.headers.get("if-match"))
    asked = edit_request_of(document, options_of(request), condition)
    with with_error_paths(document):
        return show(await use_cases_of(request).edit_message(message_id, asked), HTTPStatus.OK)


@delete("/v1/messages/{message_id:str}", operation_class=CancelOperation)
async def cancel_message(request: Request[Any, Any, Any], message_id: FromPath[str]) -> None:
    """Cancels a message that waits."""
    await use_cases_of(request).cancel_message(message_id)


@post("/v1/messages/{message_id:str}/deliver", operation_class=DeliverOperation)
async def deliver_message(request: Request[Any, Any, Any], message_id: FromPath[str]) -> ASGIApp:
    """Has a message that waits delivered now."""
    return show(await use_cases_of(request).deliver_message_now(message_id), HTTPStatus.ACCEPTED)


@post("/v1/messages/{message_id:str}/replay", operation_class=ReplayOperation)
async def replay_message(request: Request[Any, Any, Any], message_id: FromPath[str]) -> ASGIApp:
    """Gives a dead message another life, due now."""
    return show(await use_cases_of(request).replay_message(message_id), HTTPStatus.ACCEPTED)
