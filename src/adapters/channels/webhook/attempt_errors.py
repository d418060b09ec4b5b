"""Why there was no answer, in words for logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from ....domain.messages.outcome import Failed
from ....domain.time.duration import format_duration
from .connections import AddressRefusedError

if TYPE_CHECKING:
    from datetime import timedelta


def failure_of(error: Exception, timeout: timedelta) -> Failed:
    """Returns the failure of an attempt that ended without an answer. An address that is refused is so for good.

    What a stranger has sent, and the URL, which may carry a secret, are in the detail alone.
    """
    refusal = getattr(error, "os_error", error)
    if isinstance(refusal, AddressRefusedError):
        return Failed(reason=f"the destination {refusal}", permanent=True)
    if isinstance(error, aiohttp.InvalidURL) or not isinstance(error, aiohttp.ClientError | OSError):
        return Failed(reason="the request cannot be written down", detail=str(error), permanent=True)
    return Failed(reason=_reason(error, timeout), detail=str(error))


def _reason(error: Exception, timeout: timedelta) -> str:
    match error:
        case aiohttp.ConnectionTimeoutError():
            return "no connection in time"
        case TimeoutError():
            return f"no answer within {format_duration(timeout)}"
        case OSError():
            return f"the connection failed: {error}"
        case aiohttp.ServerDisconnectedError():
            return "the connection was closed without an answer"
        case _:
            return f"the answer is not HTTP ({type(error).__name__})"
