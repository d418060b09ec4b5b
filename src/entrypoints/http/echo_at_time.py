"""`POST /echoAtTime`, as the service of that name answered it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import MediaType, Request, post
from litestar.types import ASGIApp

from ...application.messages.schedule_message import ScheduleRequest
from ...domain.errors import InvalidTimeError
from ...domain.time.javascript import parse_javascript_time
from .json_response import PLAIN, JsonResponse
from .messages.message_views import location_of, show
from .openapi.document import EchoOperation
from .parsing.json_body import compact_body, read_json_body
from .problems.request_errors import InvalidRequestError, NotJsonError
from .use_cases import HttpOptions, options_of, use_cases_of

SCHEDULED = "Message scheduled successfully"
MISSING = "Missing time or message"
INVALID = "Invalid time format"
_TIME = "$.time"
_ABSENT = (b"", b"null", b'""')


class EchoRequest(msgspec.Struct):
    """A time as JavaScript reads it, and the message: any JSON value but null and the empty string."""

    time: Any = None
    message: msgspec.Raw = msgspec.Raw(b"")


_decoder = msgspec.json.Decoder(EchoRequest)


@post("/echoAtTime", operation_class=EchoOperation, status_code=HTTPStatus.OK)
async def echo_at_time(request: Request[Any, Any, Any]) -> ASGIApp:
    """Prints a message at a time."""
    wants_json = request.accept.best_match([MediaType.TEXT, MediaType.JSON], default=MediaType.TEXT)
    try:
        asked = await _read(request, options_of(request))
    except (InvalidRequestError, InvalidTimeError) as error:
        if wants_json == MediaType.JSON:
            raise _precisely(error) from error
        return JsonResponse(_plainly(error).encode(), PLAIN, HTTPStatus.BAD_REQUEST)
    message = await use_cases_of(request).schedule_message(asked)
    headers = {"location": location_of(message)}
    if wants_json == MediaType.JSON:
        return show(message, HTTPStatus.OK, headers)
    return JsonResponse(SCHEDULED.encode(), PLAIN, HTTPStatus.OK, headers)


async def _read(request: Request[Any, Any, Any], options: HttpOptions) -> ScheduleRequest:
    asked = await read_json_body(request, _decoder)
    if asked.time is None or asked.time == "":
        raise InvalidRequestError(_TIME, MISSING)
    if bytes(asked.message) in _ABSENT:
        raise InvalidRequestError("$.message", MISSING)
    at = parse_javascript_time(asked.time, options.timezone)
    return ScheduleRequest(body=compact_body(asked.message, "$.message", options.max_body_bytes), at=at)


def _precisely(error: InvalidRequestError | InvalidTimeError) -> InvalidRequestError:
    """Returns the fault with the name of its field."""
    if isinstance(error, InvalidRequestError):
        return error
    return InvalidRequestError(_TIME, f"{INVALID}: {error}")


def _plainly(error: InvalidRequestError | InvalidTimeError) -> str:
    """Returns the sentence of the original service, with the reason behind it where it had none to give."""
    if isinstance(error, InvalidTimeError):
        return f"{INVALID}: {error.reason}" if "like seconds" in error.reason else INVALID
    if isinstance(error, NotJsonError):
        return error.detail
    # It took whatever was no object for an object without fields.
    return INVALID if error.path == _TIME and error.detail != MISSING else MISSING
