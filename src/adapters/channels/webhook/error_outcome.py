"""Turns the error of an attempt that got no response into an outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from ....domain.messages.outcome import Failed
from ....domain.time.duration import format_duration
from .address_policy import AddressNotAllowedError
from .response_handler import MAX_INTERIM_RESPONSES, TooManyInterimResponsesError

if TYPE_CHECKING:
    from datetime import timedelta


def outcome_of_error(error: Exception, timeout: timedelta) -> Failed:
    """Returns the failure of an attempt that ended without a response.

    It is permanent if the address is not allowed or the request cannot be built; all else may be tried again.
    The reason goes into logs, so the URL, which may contain a secret, and the bytes of the receiver are in the
    detail only.
    """
    cause = getattr(error, "os_error", error)
    if isinstance(cause, AddressNotAllowedError):
        return Failed(reason=f"the destination {cause}", permanent=True)
    if isinstance(error, aiohttp.InvalidURL) or not isinstance(error, aiohttp.ClientError | OSError):
        return Failed(reason="the request cannot be built", detail=str(error), permanent=True)
    return Failed(reason=_reason(error, timeout), detail=str(error))


def _reason(error: Exception, timeout: timedelta) -> str:
    match error:
        case aiohttp.ConnectionTimeoutError():
            return "no connection in time"
        case TooManyInterimResponsesError():
            return f"the receiver sent more than {MAX_INTERIM_RESPONSES} interim responses (1xx)"
        case TimeoutError():
            return f"no answer within {format_duration(timeout)}"
        case OSError():
            return f"the connection failed: {error}"
        case aiohttp.ServerDisconnectedError():
            return "the connection was closed without an answer"
        case _:
            return f"the answer is not HTTP ({type(error).__name__})"
