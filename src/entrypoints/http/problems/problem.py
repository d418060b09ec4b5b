"""The one table from errors to answers, as problem details (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException

from ....domain import errors
from ..messages.entity_tags import PreconditionFailedError
from .problem_kind import ProblemKind
from .request_errors import (
    BodyTooLargeError,
    ForbiddenError,
    InvalidRequestError,
    RateLimitedError,
    RequestTooLargeError,
    TooManyMessagesError,
    UnauthorizedError,
    WrongContentTypeError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litestar import Request

logger = logging.getLogger("postdate.http")

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong with a request, and where in its JSON."""

    path: str
    detail: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Problem details: what kind of problem it is, and what is wrong this time."""

    type: Annotated[str, msgspec.Meta(extra_json_schema={"format": "uri-reference"})]
    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...] = ()


_KINDS: Mapping[type[Exception], ProblemKind] = {
    InvalidRequestError: ProblemKind.INVALID_REQUEST,
    WrongContentTypeError: ProblemKind.WRONG_CONTENT_TYPE,
    BodyTooLargeError: ProblemKind.TOO_LARGE,
    RequestTooLargeError: ProblemKind.TOO_LARGE,
    TooManyMessagesError: ProblemKind.TOO_LARGE,
    UnauthorizedError: ProblemKind.UNAUTHORIZED,
    ForbiddenError: ProblemKind.READ_ONLY_KEY,
    RateLimitedError: ProblemKind.RATE_LIMITED,
    PreconditionFailedError: ProblemKind.PRECONDITION_FAILED,
    errors.InvalidTimeError: ProblemKind.INVALID_REQUEST,
    errors.InvalidDurationError: ProblemKind.INVALID_REQUEST,
    errors.UnknownTimezoneError: ProblemKind.INVALID_REQUEST,
    errors.UnknownChannelError: ProblemKind.UNKNOWN_DESTINATION,
    errors.InvalidDestinationError: ProblemKind.REFUSED_DESTINATION,
    errors.InvalidHeaderError: ProblemKind.INVALID_REQUEST,
    errors.ExpiresTooEarlyError: ProblemKind.EXPIRES_TOO_EARLY,
    errors.InvalidCronError: ProblemKind.INVALID_REQUEST,
    errors.NoOccurrenceError: ProblemKind.NO_OCCURRENCE,
    errors.ScheduleNotFoundError: ProblemKind.SCHEDULE_NOT_FOUND,
    errors.ScheduleEndedError: ProblemKind.SCHEDULE_ENDED,
    errors.MessageNotFoundError: ProblemKind.MESSAGE_NOT_FOUND,
    errors.IllegalTransitionError: ProblemKind.WRONG_STATE,
    errors.KeyReusedError: ProblemKind.KEY_REUSED,
    errors.MessageForgottenError: ProblemKind.MESSAGE_FORGOTTEN,
    errors.UnreadableMessageError: ProblemKind.UNREADABLE_MESSAGE,
    errors.TooManyWatchersError: ProblemKind.TOO_MANY_WATCHERS,
    errors.StoreUnavailableError: ProblemKind.UNAVAILABLE,
    errors.StoreFullError: ProblemKind.STORE_FULL,
}
_OF_FRAMEWORK: Mapping[int, ProblemKind] = {
    HTTPStatus.NOT_FOUND: ProblemKind.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: ProblemKind.METHOD_NOT_ALLOWED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ProblemKind.TOO_LARGE,
}
_PATHS: Mapping[type[Exception], str] = {
    errors.UnknownChannelError: "$.to",
    errors.InvalidDestinationError: "$.to",
    errors.InvalidHeaderError: "$.headers",
    errors.UnknownTimezoneError: "$.timezone",
    errors.InvalidCronError: "$.cron",
    errors.KeyReusedError: "$.key",
    BodyTooLargeError: "$.body",
}


def problem_of(error: Exception) -> Problem:
    """Returns what to answer to an error; one that nobody foresaw says nothing of its inside."""
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _of_framework(error)
    kind = next((_KINDS[known] for known in type(error).__mro__ if known in _KINDS), ProblemKind.UNFORESEEN)
    if kind is ProblemKind.UNFORESEEN:
        return _problem(kind, "The service met an error that nobody foresaw.")
    path = error.path if isinstance(error, InvalidRequestError) else _PATHS.get(type(error))
    detail = error.detail if isinstance(error, InvalidRequestError) else str(error)
    return _problem(kind, detail, () if path is None else (Fault(path, detail),))


def _of_framework(error: HTTPException) -> Problem:
    kind = _OF_FRAMEWORK.get(error.status_code, ProblemKind.REFUSED)
    problem = _problem(kind, error.detail or HTTPStatus(error.status_code).phrase)
    return msgspec.structs.replace(problem, status=error.status_code)


def unavailable(detail: str) -> Problem:
    """Returns the problem of a service that cannot do its work now."""
    return _problem(ProblemKind.UNAVAILABLE, detail)


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> Response[Any]:
    """Returns a problem as a response."""
    extra = dict(headers or {})
    if problem.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE):
        extra["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        extra["WWW-Authenticate"] = "Bearer"
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=extra)


def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answers any error of a handler. For Litestar's `exception_handlers`."""
    problem = problem_of(error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request failed", exc_info=error, extra={"path": request.url.path})
    return answer(problem, _headers_of(error))


HANDLERS: dict[int | type[Exception], Callable[..., Response[Any]]] = {
    Exception: handle,
    HTTPException: handle,
}


def _headers_of(error: Exception) -> Mapping[str, str]:
    if isinstance(error, RateLimitedError):
        return {"Retry-After": str(error.retry_after_seconds)}
    if isinstance(error, errors.MessageForgottenError):
        return {"Location": f"/v1/messages/{error.message_id}"}
    return error.headers or {} if isinstance(error, HTTPException) else {}


def _problem(kind: ProblemKind, detail: str, faults: tuple[Fault, ...] = ()) -> Problem:
    return Problem(type=kind.type, title=kind.title, status=kind.status.value, detail=detail, errors=faults)


def example_of(kind: ProblemKind) -> dict[str, Any]:
    """Returns a problem of a kind as the OpenAPI document shows it."""
    example: dict[str, Any] = msgspec.to_builtins(_problem(kind, kind.meaning))
    return example
