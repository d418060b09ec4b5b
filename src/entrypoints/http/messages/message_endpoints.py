"""`/v1/messages`: schedule, find, edit, cancel, deliver now and replay one message."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.params import FromPath
from litestar.types import ASGIApp

from ....domain.messages.message import Message
from ..json_response import JSON, JsonResponse
from ..parsing.json_body import read_json_body
from ..use_cases import options_of, use_cases_of
from .conditional_requests import if_match_condition, is_not_modified
from .idempotency_key import idempotency_key_header, request_key_of
from .message_documents import MessagePatch, NewMessage
from .message_operations import (
    CancelOperation,
    DeliverOperation,
    EditOperation,
    FindOperation,
    ReplayOperation,
    ScheduleOperation,
)
from .message_requests import TIME_ERRORS, edit_request_of, name_field, schedule_request_of
from .message_views import entity_tag_of, location_of, message_response

_new_message = msgspec.json.Decoder(NewMessage)
_message_patch = msgspec.json.Decoder(MessagePatch)


@post("/v1/messages", operation_class=ScheduleOperation)
async def schedule_message(request: Request[Any, Any, Any]) -> ASGIApp:
    """Schedules a message."""
    use_cases = use_cases_of(request)
    document = await read_json_body(request, _new_message)
    schedule_request = schedule_request_of(document, options_of(request))
    key = request_key_of(document, schedule_request, idempotency_key_header(request))
    try:
        if key is not None:
            return _keyed_response(*await use_cases.schedule_messages.schedule_once(schedule_request, key))
        message = await use_cases.schedule_message(schedule_request)
    except TIME_ERRORS as error:
        raise name_field(error, document) from error
    return message_response(message, HTTPStatus.CREATED, {"location": location_of(message)})


def _keyed_response(message: Message, repeated: bool) -> ASGIApp:  # noqa: FBT001  # as the use case returns it
    location = {"location": location_of(message)}
    if repeated:
        return message_response(message, HTTPStatus.OK, {**location, "idempotent-replayed": "true"})
    return message_response(message, HTTPStatus.CREATED, location)


@get("/v1/messages/{message_id:str}", operation_class=FindOperation)
async def find_message(request: Request[Any, Any, Any], message_id: FromPath[str]) -> ASGIApp:
    """Returns a message with its timeline."""
    message = await use_cases_of(request).find_message(message_id)
    if is_not_modified(request.headers.get("if-none-match"), message):
        return JsonResponse(b"", JSON, HTTPStatus.NOT_MODIFIED, {"etag": entity_tag_of(message)})
    return message_response(message, HTTPStatus.OK)


@patch("/v1/messages/{message_id:str}", operation_class=EditOperation)
async def edit_message(request: Request[Any, Any, Any], message_id: FromPath[str]) -> ASGIApp:
    """Changes a waiting message."""
    document = await read_json_body(request, _message_patch)
    condition = if_match_condition(request.headers.get("if-match"))
    edit_request = edit_request_of(document, options_of(request), condition)
    try:
        message = await use_cases_of(request).edit_message(message_id, edit_request)
    except TIME_ERRORS as error:
        raise name_field(error, document) from error
    return message_response(message, HTTPStatus.OK)


@delete("/v1/messages/{message_id:str}", operation_class=CancelOperation)
async def cancel_message(request: Request[Any, Any, Any], message_id: FromPath[str]) -> None:
    """Cancels a waiting message."""
    await use_cases_of(request).cancel_message(message_id)


@post("/v1/messages/{message_id:str}/deliver", operation_class=DeliverOperation)
async def deliver_message(request: Request[Any, Any, Any], message_id: FromPath[str]) -> ASGIApp:
    """Makes a waiting message due now."""
    return message_response(await use_cases_of(request).deliver_message_now(message_id), HTTPStatus.ACCEPTED)


@post("/v1/messages/{message_id:str}/replay", operation_class=ReplayOperation)
async def replay_message(request: Request[Any, Any, Any], message_id: FromPath[str]) -> ASGIApp:
    """Makes a dead message due again, now."""
    return message_response(await use_cases_of(request).replay_message(message_id), HTTPStatus.ACCEPTED)
