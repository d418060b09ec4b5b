"""Reads the part of a response that a message stores."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import ClientError

if TYPE_CHECKING:
    from aiohttp import ClientResponse

MAX_STORED_BYTES = 1_024
"""How much of the body is stored."""
MAX_READ_BYTES = 16_384
"""How much of the body is read, so that the connection can be reused. A longer body closes its connection."""
BODY_TIMEOUT_SECONDS = 1.0
"""How long to wait for the body after the status. The status decides the outcome; the body is for people."""


async def read_detail(response: ClientResponse) -> str:
    """Returns the status line and the first bytes of the body. The connection is reusable afterwards, or closed.

    It never raises: the status is known, and an error while the body is read does not change the outcome.
    """
    body = b""
    try:
        # Most responses are complete by now, and a timer would cost more than reading them.
        if response.content.is_eof():
            body = await _read_body(response)
        else:
            async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
                body = await _read_body(response)
    except (ClientError, OSError, TimeoutError):
        response.close()
    line = f"HTTP {response.status} {response.reason or ''}".rstrip()
    return f"{line}\n{body.decode(errors='backslashreplace')}" if body else line


async def _read_body(response: ClientResponse) -> bytes:
    stored, size_bytes = b"", 0
    while size_bytes < MAX_READ_BYTES and (chunk := await response.content.readany()):
        stored += chunk[: MAX_STORED_BYTES - len(stored)]
        size_bytes += len(chunk)
    if not response.content.at_eof():
        response.close()
    return stored
