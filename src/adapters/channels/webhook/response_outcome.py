"""Turns the response of a receiver into an outcome."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from ....domain.messages.outcome import Delivered, Failed
from .retry_after import parse_retry_after

if TYPE_CHECKING:
    from datetime import datetime

    from ....domain.messages.outcome import Outcome

_RETRYABLE = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


def outcome_of_response(status: int, retry_after: str | None, detail: str, now: datetime) -> Outcome:
    """Returns the outcome of an attempt that got a response; its status alone decides.

    2xx is delivered. 408, 409, 425, 429 and 5xx fail and are tried again. Any other status fails permanently.

    Args:
        status: The status code of the response.
        retry_after: The value of the header `Retry-After`, if there is one.
        detail: What the message stores of the response.
        now: The present time, for a `Retry-After` that is a date.
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Delivered(detail=detail)
    reason = f"the receiver answered {status}"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _RETRYABLE:
        return Failed(reason=reason, detail=detail, retry_after=parse_retry_after(retry_after, now))
    return Failed(reason=reason, detail=detail, permanent=True)
