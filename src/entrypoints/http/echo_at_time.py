"""`POST /echoAtTime`, with the answers of the Node service that it replaces."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import MediaType, Request, post
from litestar.types import ASGIApp

from ...application.messages.schedule_message import ScheduleRequest
from ...domain.errors import InvalidTimeError
from ...domain.time.javascript import parse_javascript_time
from .echo_operation import EchoOperation
from .json_response import PLAIN, JsonResponse
from .messages.message_views import location_of, message_response
from .parsing.json_body import compact_body, read_json_body
from .problems.request_errors import InvalidRequestError, NotJsonError
from .use_cases import HttpOptions, options_of, use_cases_of

SCHEDULED = "Message scheduled successfully"
MISSING = "Missing time or message"
INVALID = "Invalid time format"
_TIME_PATH = "$.time"
_MISSING_MESSAGES = (b"", b"null", b'""')


class EchoRequest(msgspec.Struct):
    """A time as JavaScript reads it, and the message: any JSON value except null and the empty string."""

    time: Any = None
    message: msgspec.Raw = msgspec.Raw(b"")


_decoder = msgspec.json.Decoder(EchoRequest)


@post("/echoAtTime", operation_class=EchoOperation, status_code=HTTPStatus.OK)
async def echo_at_time(request: Request[Any, Any, Any]) -> ASGIApp:
    """Prints a message at a time."""
    media_type = request.accept.best_match([MediaType.TEXT, MediaType.JSON], default=MediaType.TEXT)
    try:
        schedule_request = await _read_request(request, options_of(request))
    except (InvalidRequestError, InvalidTimeError) as error:
        if media_type == MediaType.JSON:
            raise _error_with_path(error) from error
        return JsonResponse(_original_text(error).encode(), PLAIN, HTTPStatus.BAD_REQUEST)
    message = await use_cases_of(request).schedule_message(schedule_request)
    headers = {"location": location_of(message)}
    if media_type == MediaType.JSON:
        return message_response(message, HTTPStatus.OK, headers)
    return JsonResponse(SCHEDULED.encode(), PLAIN, HTTPStatus.OK, headers)


async def _read_request(request: Request[Any, Any, Any], options: HttpOptions) -> ScheduleRequest:
    document = await read_json_body(request, _decoder)
    if document.time is None or document.time == "":
        raise InvalidRequestError(_TIME_PATH, MISSING)
    if bytes(document.message) in _MISSING_MESSAGES:
        raise InvalidRequestError("$.message", MISSING)
    at = parse_javascript_time(document.time, options.timezone)
    return ScheduleRequest(body=compact_body(document.message, "$.message", options.max_body_bytes), at=at)


def _error_with_path(error: InvalidRequestError | InvalidTimeError) -> InvalidRequestError:
    if isinstance(error, InvalidRequestError):
        return error
    return InvalidRequestError(_TIME_PATH, f"{INVALID}: {error}")


def _original_text(error: InvalidRequestError | InvalidTimeError) -> str:
    """Returns the text of the original service, with a reason where that service did not refuse the request."""
    if isinstance(error, InvalidTimeError):
        return f"{INVALID}: {error.reason}" if "like seconds" in error.reason else INVALID
    if isinstance(error, NotJsonError):
        return error.detail
    # The original service took a document that is no object for an object without fields.
    return INVALID if error.path == _TIME_PATH and error.detail != MISSING else MISSING
