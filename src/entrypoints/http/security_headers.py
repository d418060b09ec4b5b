"""Headers of every answer, by which a browser does nothing with it that it should not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litestar.types import Message, Scope

_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
_PAIRS = list(_HEADERS.items())


async def harden(message: Message, _scope: Scope) -> None:
    """Adds those headers that the answer has not set itself. For Litestar's `before_send`."""
    if message["type"] == "http.response.start":
        headers = list(message["headers"])
        named = {name for name, _ in headers}
        message["headers"] = headers + (
            _PAIRS if named.isdisjoint(_HEADERS) else [pair for pair in _PAIRS if pair[0] not in named]
        )
