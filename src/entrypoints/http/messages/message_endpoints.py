"""`/v1/messages`: schedule, look up, edit, deliver now, replay, cancel."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from ....application.messages.cancel_message import CancelMessage
from ....application.messages.deliver_message_now import DeliverMessageNow
from ....application.messages.edit_message import EditMessage
from ....application.messages.find_message import FindMessage
from ....application.messages.replay_message import ReplayMessage
from ....domain.messages.message import Message
from ..intake import intake_of
from ..json_response import JSON, JsonResponse
from ..parsing.json_body import read_json_body
from .entity_tags import condition_of, is_known
from .idempotency_key import key_in, key_of
from .message_documents import MessagePatch, NewMessage
from .message_operations import (
    CancelOperation,
    DeliverOperation,
    EditOperation,
    FindOperation,
    ReplayOperation,
    ScheduleOperation,
)
from .message_requests import edit_request_of, schedule_request_of, with_error_paths
from .message_views import location_of, show, tag_of

_new = msgspec.json.Decoder(NewMessage)
_patch = msgspec.json.Decoder(MessagePatch)


@post("/v1/messages", operation_class=ScheduleOperation)
async def schedule_message(request: Request[Any, Any, Any]) -> ASGIApp:
    """Schedules a message."""
    intake = intake_of(request)
    document = await read_json_body(request, _new)
    asked = schedule_request_of(document, intake.zone, intake.limits)
    key = key_of(document, asked, key_in(request))
    with with_error_paths(document):
        if key is not None:
            return _show_keyed(*await intake.schedule_many.schedule_once(asked, key))
        message = await intake.schedule(asked)
    return show(message, HTTPStatus.CREATED, {"location": location_of(message)})


def _show_keyed(message: Message, repeated: bool) -> ASGIApp:  # noqa: FBT001  # as the use case answers it
    location = {"location": location_of(message)}
    if repeated:
        return show(message, HTTPStatus.OK, {**location, "idempotent-replayed": "true"})
    return show(message, HTTPStatus.CREATED, location)


@get("/v1/messages/{message_id:str}", operation_class=FindOperation)
async def find_message(
    request: Request[Any, Any, Any], message_id: FromPath[str], find: NamedDependency[FindMessage]
) -> ASGIApp:
    """Looks a message up, with what has happened to it."""
    message = await find(message_id)
    if is_known(request.headers.get("if-none-match"), message):
        return JsonResponse(b"", JSON, HTTPStatus.NOT_MODIFIED, {"etag": tag_of(message)})
    return show(message, HTTPStatus.OK)


@patch("/v1/messages/{message_id:str}", operation_class=EditOperation)
async def edit_message(
    request: Request[Any, Any, Any],
    message_id: FromPath[str],
    edit: NamedDependency[EditMessage],
) -> ASGIApp:
    """Changes a message that waits."""
    intake = intake_of(request)
    document = await read_json_body(request, _patch)
    condition = condition_of(request.headers.get("if-match"))
    asked = edit_request_of(document, intake.zone, intake.limits, condition)
    with with_error_paths(document):
        return show(await edit(message_id, asked), HTTPStatus.OK)


@delete("/v1/messages/{message_id:str}", operation_class=CancelOperation)
async def cancel_message(message_id: FromPath[str], cancel: NamedDependency[CancelMessage]) -> None:
    """Cancels a message that waits."""
    await cancel(message_id)


@post("/v1/messages/{message_id:str}/deliver", operation_class=DeliverOperation)
async def deliver_message(message_id: FromPath[str], hasten: NamedDependency[DeliverMessageNow]) -> ASGIApp:
    """Has a message that waits delivered now."""
    return show(await hasten(message_id), HTTPStatus.ACCEPTED)


@post("/v1/messages/{message_id:str}/replay", operation_class=ReplayOperation)
async def replay_message(message_id: FromPath[str], replay: NamedDependency[ReplayMessage]) -> ASGIApp:
    """Gives a dead message another life, due now."""
    return show(await replay(message_id), HTTPStatus.ACCEPTED)
