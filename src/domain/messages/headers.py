"""The headers that a client may give a message for its receiver."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import InvalidHeaderError

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_HEADERS_BYTES = 8_192
"""The limit of all names and values together. Many receivers accept no more."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")
_CONNECTION_HEADERS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_RESERVED_PREFIXES = ("webhook-", "postdate-")


def require_valid_headers(headers: Iterable[tuple[str, str]]) -> None:
    """Refuses headers that are malformed, given twice, too long, or reserved for the connection or for Postdate.

    Raises:
        InvalidHeaderError: A header is refused. The error names the first one.
    """
    names: set[str] = set()
    size_bytes = 0
    for name, value in headers:
        _require_well_formed(name, value)
        _require_free(name, names)
        names.add(name.lower())
        size_bytes += len(name) + len(value)
        if size_bytes > MAX_HEADERS_BYTES:
            raise InvalidHeaderError(name, f"makes the headers longer than {MAX_HEADERS_BYTES} bytes")


def _require_well_formed(name: str, value: str) -> None:
    if not _TOKEN.fullmatch(name):
        raise InvalidHeaderError(name, "has a name that is not an HTTP token")
    if not _VALUE.fullmatch(value):
        raise InvalidHeaderError(name, "has a value with characters other than printable ASCII and tabs")


def _require_free(name: str, taken: set[str]) -> None:
    lower = name.lower()
    if lower in _CONNECTION_HEADERS:
        raise InvalidHeaderError(name, "belongs to the connection")
    if lower.startswith(_RESERVED_PREFIXES):
        raise InvalidHeaderError(name, "is one that Postdate itself sets")
    if lower in taken:
        raise InvalidHeaderError(name, "is given twice")
