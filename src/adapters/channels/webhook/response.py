"""What a receiver answered, and what follows from it."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import ClientError

from ....domain.messages.outcome import Delivered, Failed
from .retry_after import parse_retry_after

if TYPE_CHECKING:
    from datetime import datetime

    from aiohttp import ClientResponse

    from ....domain.messages.outcome import Outcome

KEPT_BYTES = 1_024
"""How much of an answer's body is kept."""
DRAINED_BYTES = 16_384
"""How much of it is read, so that the connection may be used again; a longer answer costs its connection."""
BODY_WITHIN_SECONDS = 1.0
"""How long the body may take once the status is there: the status is the answer, the body is for people."""

_TRY_AGAIN = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


async def read_detail(response: ClientResponse) -> str:
    """Returns the status line and the first bytes of the body; leaves the connection usable, or closes it.

    Does not raise: the status is known, and what becomes of the body changes nothing.
    """
    body = b""
    try:
        # Most answers are here whole by now, and a timer would cost more than reading them.
        if response.content.is_eof():
            body = await _read_body(response)
        else:
            async with asyncio.timeout(BODY_WITHIN_SECONDS):
                body = await _read_body(response)
    except (ClientError, OSError, TimeoutError):
        response.close()
    line = f"HTTP {response.status} {response.reason or ''}".rstrip()
    return f"{line}\n{body.decode(errors='backslashreplace')}" if body else line


async def _read_body(response: ClientResponse) -> bytes:
    kept, size_bytes = b"", 0
    while size_bytes < DRAINED_BYTES and (chunk := await response.content.readany()):
        kept += chunk[: KEPT_BYTES - len(kept)]
        size_bytes += len(chunk)
    if not response.content.at_eof():
        response.close()
    return kept


def outcome_of(status: int, retry_after: str | None, detail: str, now: datetime) -> Outcome:
    """Returns what follows from an answer."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Delivered(detail=detail)
    reason = f"the receiver answered {status}"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _TRY_AGAIN:
        return Failed(reason=reason, detail=detail, retry_after=parse_retry_after(retry_after, now))
    return Failed(reason=reason, detail=detail, permanent=True)
