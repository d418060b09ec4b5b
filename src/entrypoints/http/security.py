"""Who may call what: bearer keys, checked before any handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_keys import ApiKey, find_key
from .problems.request_errors import ForbiddenError, RateLimitedError, UnauthorizedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.connection import ASGIConnection
    from litestar.handlers import BaseRouteHandler

    from ..rate_limit import RateLimiter

PUBLIC = {"public": True}
"""The `opt` of handlers that need no key."""
_READING = ("GET", "HEAD", "OPTIONS")


ANYBODY = "anybody"
"""The name by which requests are counted where there are no keys."""


def key_guard(
    keys: tuple[ApiKey, ...], limiter: RateLimiter | None = None
) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]:
    """Returns a guard that lets nobody in without one of the keys, if there are any, and readers only read.

    With a limiter it lets nobody in too often.
    """

    def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if handler.opt.get("public"):
            return
        name = _require_key(keys, connection) if keys else ANYBODY
        if limiter is not None and (wait := limiter.wait_for(name)):
            raise RateLimitedError(name, wait)

    return guard


def _require_key(keys: tuple[ApiKey, ...], connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    # Litestar reads headers as Latin-1, which keeps every byte.
    key = find_key(keys, secret.strip().encode("latin-1")) if scheme.lower() == "bearer" else None
    if key is None:
        raise UnauthorizedError
    if not key.may_write and connection.scope.get("method") not in _READING:
        raise ForbiddenError(key.name)
    return key.name
