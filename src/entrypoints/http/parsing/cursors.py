"""Cursors: positions in a list as text. A cursor belongs to the filters of its list."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from hashlib import blake2b
from struct import Struct, error

from ....domain.messages.query import Position, Query
from ....domain.time.instant import from_ms, to_ms
from ..problems.request_errors import InvalidRequestError
from .filters import FILTERS

_FILTERS_DIGEST_BYTES = 6
_HEAD = Struct(f">{_FILTERS_DIGEST_BYTES}sq")
"""A digest of the filters, and the due time in milliseconds. The message's id follows."""
_NOT_OURS = "is no cursor of this list: a cursor is what `next` was, with the same filters"


def format_cursor(position: Position | None, query: Query) -> str | None:
    """Returns the cursor of a position in the list of a query; `None` for no position."""
    if position is None:
        return None
    content = _HEAD.pack(_digest(query), to_ms(position.due_at)) + position.message_id.encode()
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def parse_cursor(text: str, query: Query, path: str) -> Position:
    """Returns the position of a cursor.

    Raises:
        InvalidRequestError: `format_cursor` did not write it for this query.
    """
    try:
        content = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        _, due_ms = _HEAD.unpack_from(content)
        position = Position(due_at=from_ms(due_ms), message_id=content[_HEAD.size :].decode("ascii"))
    except (ValueError, OverflowError, error) as cause:
        raise InvalidRequestError(path, _NOT_OURS) from cause
    if format_cursor(position, query) != text:
        raise InvalidRequestError(path, _NOT_OURS)
    return position


def _digest(query: Query) -> bytes:
    """Returns what tells the filters of a query from others. Filters that are not set do not count.

    Cursors therefore stay valid when a version of the service comes with more filters.
    """
    values = {wanted.name: getattr(query, wanted.attribute) for wanted in FILTERS}
    facts = repr([(name, _canonical(value)) for name, value in values.items() if value])
    return blake2b(facts.encode("utf-8", "surrogatepass"), digest_size=_FILTERS_DIGEST_BYTES).digest()


def _canonical(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    return to_ms(value) if isinstance(value, datetime) else value
