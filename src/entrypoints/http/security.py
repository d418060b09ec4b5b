"""Who may call what: bearer keys, checked before any handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_keys import ApiKey, find_key
from .faults import ForbiddenError, UnauthorizedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.connection import ASGIConnection
    from litestar.handlers import BaseRouteHandler

PUBLIC = {"public": True}
"""The `opt` of handlers that need no key."""
_READING = ("GET", "HEAD", "OPTIONS")


def key_guard(
    keys: tuple[ApiKey, ...],
) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]:
    """Returns a guard that lets nobody in without one of these keys, and readers only read."""

    def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if handler.opt.get("public"):
            return
        scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
        # Litestar reads headers as Latin-1, which keeps every byte.
        key = find_key(keys, secret.strip().encode("latin-1")) if scheme.lower() == "bearer" else None
        if key is None:
            raise UnauthorizedError
        if not key.may_write and connection.scope.get("method") not in _READING:
            raise ForbiddenError(key.name)

    return guard
