"""The filters of messages, defined once for the list, live events, bulk requests, the command line and OpenAPI.

A new filter is an attribute of `Query` and an entry in `FILTERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Annotated, Any

from msgspec import UNSET, Meta

from ....domain.errors import InvalidTimeError
from ....domain.messages.query import Query
from ....domain.messages.status import Status
from ....domain.time.javascript import parse_javascript_time
from ..problems.request_errors import InvalidRequestError


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterKind:
    """How the value of a filter is given, and what it becomes.

    Attributes:
        parse: Returns the value for the query, from the given value, the zone of times that carry none, and the
            path for an error. Raises `InvalidRequestError`.
        parameter_type: The type of the query parameter, for OpenAPI. Its values arrive as text.
        field_type: The type of the field in a JSON body. The decoder enforces it.
        choices: The texts that are allowed; empty: any.
        is_repeatable: Whether several values may be given, each of which matches.
    """

    parse: Callable[[Any, tzinfo, str], object]
    parameter_type: Any
    field_type: Any
    choices: tuple[str, ...] = ()
    is_repeatable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A filter of messages.

    Attributes:
        name: The name of the query parameter and of the field in a JSON body. The flag has hyphens instead of `_`.
        kind: How its value is given.
        description: What it selects, for people.
        attribute: The attribute of `Query` that it sets.
    """

    name: str
    kind: FilterKind
    description: str
    attribute: str


def parse_statuses(given: str | Sequence[str], _zone: tzinfo, path: str) -> frozenset[Status]:
    """Returns the statuses of one or several names.

    Raises:
        InvalidRequestError: There is no such status, or no name.
    """
    names = [given] if isinstance(given, str) else given
    if not names:
        raise InvalidRequestError(path, "Name a state, or leave it out for any")
    try:
        return frozenset(Status(name) for name in names)
    except ValueError as error:
        raise InvalidRequestError(path, f"{error}; the states are: {', '.join(Status)}") from error


def parse_text(given: str, _zone: tzinfo, path: str) -> str:
    """Returns a text.

    Raises:
        InvalidRequestError: It is empty. If an empty text meant "any", a mistake could cancel every message.
    """
    if not given:
        raise InvalidRequestError(path, "It is empty; leave it out for any")
    return given


def parse_instant(given: str | float, zone: tzinfo, path: str) -> datetime:
    """Returns a time.

    Raises:
        InvalidRequestError: It is not a time.
    """
    try:
        return parse_javascript_time(given, zone)
    except InvalidTimeError as error:
        raise InvalidRequestError(path, str(error)) from error


_STATUSES = FilterKind(
    parse=parse_statuses,
    parameter_type=list[Status],
    field_type=Status | Annotated[list[Status], Meta(extra_json_schema={"minItems": 1})],
    choices=tuple(status.value for status in Status),
    is_repeatable=True,
)
_TEXT = FilterKind(
    parse=parse_text,
    parameter_type=str,
    field_type=Annotated[str, Meta(extra_json_schema={"minLength": 1})],
)
_TIME = FilterKind(parse=parse_instant, parameter_type=str, field_type=str | int | float)

FILTERS = (
    Filter(
        name="status",
        kind=_STATUSES,
        description="the status of the messages; several may be given",
        attribute="statuses",
    ),
    Filter(name="to", kind=_TEXT, description="the destination of the messages", attribute="to"),
    Filter(name="label", kind=_TEXT, description="a label of the messages", attribute="label"),
    Filter(
        name="due_after",
        kind=_TIME,
        description="a time or milliseconds since 1970; due then or later",
        attribute="due_after",
    ),
    Filter(
        name="due_before",
        kind=_TIME,
        description="a time or milliseconds since 1970; due before then",
        attribute="due_before",
    ),
)
FILTER_NAMES = tuple(wanted.name for wanted in FILTERS)


def query_of(value_of: Callable[[Filter], object], zone: tzinfo, path_of: Callable[[str], str]) -> Query:
    """Returns the query that filters ask for.

    Args:
        value_of: Returns the value that was given for a filter; `UNSET` if the filter was left out.
        zone: The zone of times that carry none.
        path_of: Returns the path in errors for the name of a filter.

    Raises:
        InvalidRequestError: A value cannot be understood.
    """
    attributes: dict[str, Any] = {}
    for wanted in FILTERS:
        value = value_of(wanted)
        if value is not UNSET:
            attributes[wanted.attribute] = wanted.kind.parse(value, zone, path_of(wanted.name))
    return Query(**attributes)
