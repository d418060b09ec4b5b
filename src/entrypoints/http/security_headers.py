"""Headers of every response that keep a browser from guessing types, framing, caching and running scripts."""

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


async def add_security_headers(message: Message, _scope: Scope) -> None:
    """Adds the headers that the response does not have yet. It is called by Litestar's `before_send`."""
    if message["type"] == "http.response.start":
        headers = list(message["headers"])
        present = {name for name, _ in headers}
        message["headers"] = headers + (
            _PAIRS if present.isdisjoint(_HEADERS) else [pair for pair in _PAIRS if pair[0] not in present]
        )
