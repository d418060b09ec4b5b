"""`/v1/messages`: schedule, look up, cancel."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from ...application.cancel_message import CancelMessage
from ...application.find_message import FindMessage
from ...application.schedule_message import ScheduleRequest
from ...domain.duration import read_duration
from ...domain.errors import InvalidDurationError, InvalidTimeError
from ...domain.javascript_time import read_javascript_time
from .documents import NewMessage
from .faults import RequestFaultError
from .intake import Intake
from .openapi import CancelOperation, FindOperation, ScheduleOperation
from .reading import read_body, read_json
from .views import location_of, show

_decoder = msgspec.json.Decoder(NewMessage)


@post("/v1/messages", operation_class=ScheduleOperation)
async def schedule_message(
    request: Request[Any, Any, Any],
    intake: NamedDependency[Intake],
) -> ASGIApp:
    """Schedules a message."""
    document = await read_json(request, _decoder)
    try:
        message = await intake.schedule(_request_of(document, intake))
    except InvalidTimeError as error:
        raise RequestFaultError("$.in", str(error)) from error
    return show(message, HTTPStatus.CREATED, {"location": location_of(message)})


@get("/v1/messages/{message_id:str}", operation_class=FindOperation)
async def find_message(message_id: FromPath[str], find: NamedDependency[FindMessage]) -> ASGIApp:
    """Looks a message up."""
    return show(await find(message_id), HTTPStatus.OK)


@delete("/v1/messages/{message_id:str}", operation_class=CancelOperation)
async def cancel_message(message_id: FromPath[str], cancel: NamedDependency[CancelMessage]) -> None:
    """Cancels a message that waits."""
    await cancel(message_id)


def _request_of(document: NewMessage, intake: Intake) -> ScheduleRequest:
    at, after = document.at, document.in_
    if at is not msgspec.UNSET and after is not msgspec.UNSET:
        raise RequestFaultError("$.in", "Either `at` or `in` can be given, not both")
    try:
        return ScheduleRequest(
            body=read_body(document.body, "$.body", intake.limits.max_body_bytes),
            at=None if at is msgspec.UNSET else read_javascript_time(at, intake.zone),
            after=None if after is msgspec.UNSET else read_duration(after),
            to=document.to,
            headers=tuple(document.headers.items()),
        )
    except InvalidTimeError as error:
        raise RequestFaultError("$.at", str(error)) from error
    except InvalidDurationError as error:
        raise RequestFaultError("$.in", str(error)) from error
