"""Which headers of its own a message may carry to its receiver."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import InvalidHeaderError

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_BYTES = 8_192
"""Of all names and values together: many receivers take no more."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")
_OF_THE_CONNECTION = frozenset(
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
_OURS = ("webhook-", "postdate-")


def require_valid_headers(headers: Iterable[tuple[str, str]]) -> None:
    """Refuses headers that are none, that belong to the connection or to Postdate, or that are too long.

    Raises:
        InvalidHeaderError: names the first of them.
    """
    names: set[str] = set()
    size_bytes = 0
    for name, value in headers:
        _require_well_formed(name, value)
        _require_free(name, names)
        names.add(name.lower())
        size_bytes += len(name) + len(value)
        if size_bytes > MAX_BYTES:
            raise InvalidHeaderError(name, f"makes the headers longer than {MAX_BYTES} bytes")


def _require_well_formed(name: str, value: str) -> None:
    if not _TOKEN.fullmatch(name):
        raise InvalidHeaderError(name, "has a name that is no token of HTTP")
    if not _VALUE.fullmatch(value):
        raise InvalidHeaderError(name, "has a value with signs other than printable ASCII and tabs")


def _require_free(name: str, taken: set[str]) -> None:
    lower = name.lower()
    if lower in _OF_THE_CONNECTION:
        raise InvalidHeaderError(name, "belongs to the connection")
    if lower.startswith(_OURS):
        raise InvalidHeaderError(name, "is one that Postdate itself sets")
    if lower in taken:
        raise InvalidHeaderError(name, "is given twice")
