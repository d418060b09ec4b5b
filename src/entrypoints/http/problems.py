"""The one table from errors to answers, as problem details (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException

from ...domain import errors
from .faults import (
    BodyTooLargeError,
    ForbiddenError,
    RequestFaultError,
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

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...] = ()


_STATUSES: Mapping[type[Exception], HTTPStatus] = {
    RequestFaultError: HTTPStatus.BAD_REQUEST,
    WrongContentTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    BodyTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnauthorizedError: HTTPStatus.UNAUTHORIZED,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    errors.InvalidTimeError: HTTPStatus.BAD_REQUEST,
    errors.InvalidDurationError: HTTPStatus.BAD_REQUEST,
    errors.UnknownChannelError: HTTPStatus.BAD_REQUEST,
    errors.InvalidDestinationError: HTTPStatus.BAD_REQUEST,
    errors.InvalidHeaderError: HTTPStatus.BAD_REQUEST,
    errors.ExpiresTooEarlyError: HTTPStatus.BAD_REQUEST,
    errors.MessageNotFoundError: HTTPStatus.NOT_FOUND,
    errors.IllegalTransitionError: HTTPStatus.CONFLICT,
    errors.TooManyWatchersError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StoreUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StoreFullError: HTTPStatus.INSUFFICIENT_STORAGE,
}
_PATHS: Mapping[type[Exception], str] = {
    errors.UnknownChannelError: "$.to",
    errors.InvalidDestinationError: "$.to",
    errors.InvalidHeaderError: "$.headers",
}


def problem_of(error: Exception) -> Problem:
    """Returns what to answer to an error; one that nobody foresaw says nothing of its inside."""
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _problem(HTTPStatus(error.status_code), error.detail or HTTPStatus(error.status_code).phrase)
    status = next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), None)
    if status is None:
        return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The service met an error that nobody foresaw.")
    path = error.path if isinstance(error, RequestFaultError) else _PATHS.get(type(error))
    detail = error.detail if isinstance(error, RequestFaultError) else str(error)
    faults = () if path is None else (Fault(path, detail),)
    return _problem(status, detail, faults)


def unavailable(detail: str) -> Problem:
    """Returns the problem of a service that cannot do its work now."""
    return _problem(HTTPStatus.SERVICE_UNAVAILABLE, detail)


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
    headers = error.headers if isinstance(error, HTTPException) else None
    return answer(problem, headers)


HANDLERS: dict[int | type[Exception], Callable[..., Response[Any]]] = {
    Exception: handle,
    HTTPException: handle,
}


def _problem(status: HTTPStatus, detail: str, faults: tuple[Fault, ...] = ()) -> Problem:
    slug = status.phrase.lower().replace(" ", "-")
    return Problem(
        type=f"urn:postdate:problem:{slug}",
        title=status.phrase,
        status=status.value,
        detail=detail,
        errors=faults,
    )
