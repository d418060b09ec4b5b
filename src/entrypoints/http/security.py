"""Access to the API: bearer keys and rate limits, checked before any handler."""

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
"""The `opt` of handlers that need no key and have no rate limit."""
ANONYMOUS = "anybody"
"""The name under which all requests are counted if there are no keys."""
_READ_METHODS = ("GET", "HEAD", "OPTIONS")


def access_guard(
    keys: tuple[ApiKey, ...], limiter: RateLimiter | None = None
) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]:
    """Returns a guard of Litestar's for every handler that is not public.

    If there are keys, the guard requires one of them, and a key that may write for every method that may change
    something. If there is a limiter, the guard limits the requests of each key.
    """

    def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if handler.opt.get("public"):
            return
        name = _require_key(keys, connection) if keys else ANONYMOUS
        if limiter is not None and (retry_after_seconds := limiter.wait_for(name)):
            raise RateLimitedError(name, retry_after_seconds)

    return guard


def _require_key(keys: tuple[ApiKey, ...], connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    # Litestar decodes headers as Latin-1, which keeps every byte.
    key = find_key(keys, secret.strip().encode("latin-1")) if scheme.lower() == "bearer" else None
    if key is None:
        raise UnauthorizedError
    if not key.may_write and connection.scope.get("method") not in _READ_METHODS:
        raise ForbiddenError(key.name)
    return key.name
