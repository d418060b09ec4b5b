"""The one table from errors to problems."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from litestar.exceptions import HTTPException

from ....domain import errors
from ....domain.messages.expiry import ExpiresTooEarlyError
from .problem import FieldError, Problem, problem_of_kind
from .problem_kind import ProblemKind
from .request_errors import (
    BodyTooLargeError,
    ForbiddenError,
    InvalidRequestError,
    PreconditionFailedError,
    RateLimitedError,
    RequestTooLargeError,
    TooManyMessagesError,
    UnauthorizedError,
    WrongContentTypeError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    ExpiresTooEarlyError: ProblemKind.EXPIRES_TOO_EARLY,
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
_FRAMEWORK_KINDS: Mapping[int, ProblemKind] = {
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
    """Returns the problem that a client receives for an error.

    An error that the table does not have may show internals. Its problem therefore says nothing of it.
    """
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _framework_problem(error)
    kind = next((_KINDS[known] for known in type(error).__mro__ if known in _KINDS), ProblemKind.UNFORESEEN)
    if kind is ProblemKind.UNFORESEEN:
        return problem_of_kind(kind, "The service met an unexpected error.")
    path = error.path if isinstance(error, InvalidRequestError) else _PATHS.get(type(error))
    detail = error.detail if isinstance(error, InvalidRequestError) else str(error)
    return problem_of_kind(kind, detail, () if path is None else (FieldError(path, detail),))


def _framework_problem(error: HTTPException) -> Problem:
    kind = _FRAMEWORK_KINDS.get(error.status_code, ProblemKind.REFUSED)
    problem = problem_of_kind(kind, error.detail or HTTPStatus(error.status_code).phrase)
    return msgspec.structs.replace(problem, status=error.status_code)
