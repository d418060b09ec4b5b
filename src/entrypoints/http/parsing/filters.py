"""From what a client filters by to a query, and back to where a page ends."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, tzinfo
from hashlib import blake2b
from struct import Struct, error

from msgspec import UNSET, UnsetType

from ....domain.errors import InvalidTimeError
from ....domain.messages.query import Position, Query
from ....domain.messages.status import Status
from ....domain.time.instant import from_ms, to_ms
from ....domain.time.javascript import parse_javascript_time
from ..problems.request_errors import InvalidRequestError

_CURSOR = Struct(">6sq")
_NOT_OURS = "is no cursor of this list: a cursor is what `next` was, with the same filters"


def parse_statuses(values: Sequence[str], path: str) -> frozenset[Status]:
    """Returns the states of these names.

    Raises:
        InvalidRequestError: there is no such state.
    """
    try:
        return frozenset(Status(value) for value in values)
    except ValueError as fault:
        raise InvalidRequestError(path, f"{fault}; the states are: {', '.join(Status)}") from fault


def parse_instant(value: str | float | UnsetType, zone: tzinfo, path: str) -> datetime | None:
    """Returns a time that may be left out.

    Raises:
        InvalidRequestError: it is none.
    """
    if value is UNSET:
        return None
    try:
        return parse_javascript_time(value, zone)
    except InvalidTimeError as fault:
        raise InvalidRequestError(path, str(fault)) from fault


def write_cursor(position: Position | None, query: Query) -> str | None:
    """Returns what stands for a position among the answers to a query."""
    if position is None:
        return None
    written = _CURSOR.pack(_mark(query), to_ms(position.due_at)) + position.message_id.encode()
    return urlsafe_b64encode(written).rstrip(b"=").decode()


def parse_cursor(text: str, query: Query, path: str) -> Position:
    """Returns the position that a cursor stands for.

    Raises:
        InvalidRequestError: it was not written by `write_cursor` for the same query.
    """
    try:
        written = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        _, due_ms = _CURSOR.unpack_from(written)
        position = Position(due_at=from_ms(due_ms), message_id=written[_CURSOR.size :].decode("ascii"))
    except (ValueError, OverflowError, error) as fault:
        raise InvalidRequestError(path, _NOT_OURS) from fault
    if write_cursor(position, query) != text:
        raise InvalidRequestError(path, _NOT_OURS)
    return position


def _mark(query: Query) -> bytes:
    """Returns what tells the filters of a query from others."""
    moments = [None if moment is None else to_ms(moment) for moment in (query.due_after, query.due_before)]
    facts = repr((sorted(query.statuses), query.to, query.label, moments))
    return blake2b(facts.encode("utf-8", "surrogatepass"), digest_size=6).digest()
