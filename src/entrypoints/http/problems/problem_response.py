"""Responses with problem details, and the application's handlers of errors."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.exceptions import HTTPException

from ....domain.errors import MessageForgottenError
from .error_table import problem_of
from .problem import MEDIA_TYPE, Problem
from .request_errors import RateLimitedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litestar import Request

logger = logging.getLogger("postdate.http")

RETRY_AFTER_SECONDS = 1
"""When a client may try again after a 503 or 507."""


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response[Any]:
    """Returns a problem as a response."""
    all_headers = dict(headers or {})
    if problem.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE):
        all_headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        all_headers["WWW-Authenticate"] = "Bearer"
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=all_headers)


def handle_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answers an error of a handler with its problem. An internal error is logged."""
    problem = problem_of(error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request failed", exc_info=error, extra={"path": request.url.path})
    return problem_response(problem, _headers_of(error))


EXCEPTION_HANDLERS: dict[int | type[Exception], Callable[..., Response[Any]]] = {
    Exception: handle_error,
    HTTPException: handle_error,
}


def _headers_of(error: Exception) -> Mapping[str, str]:
    if isinstance(error, RateLimitedError):
        return {"Retry-After": str(error.retry_after_seconds)}
    if isinstance(error, MessageForgottenError):
        return {"Location": f"/v1/messages/{error.message_id}"}
    return error.headers or {} if isinstance(error, HTTPException) else {}
