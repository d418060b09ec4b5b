"""The parameters of a request's query string. Each error has the name of its parameter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Any

from litestar import Request
from msgspec import UNSET

from ....domain.errors import InvalidDurationError
from ....domain.messages.query import Query
from ....domain.time.duration import parse_duration
from ..problems.request_errors import InvalidRequestError
from .filters import Filter, query_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeNumber:
    """A parameter that is a whole number from 1 to a maximum.

    Attributes:
        name: The name of the parameter.
        description: What it is for, for people.
        maximum: The largest number that is accepted.
        default: The number if the parameter is left out.
    """

    name: str
    description: str
    maximum: int
    default: int


PAGE_SIZE = WholeNumber(name="limit", description="how many to return at most", maximum=1_000, default=100)
PREVIEW_SIZE = WholeNumber(name="count", description="how many to return at most", maximum=100, default=10)


class Parameters:
    """Parameters by name. An empty one counts as left out, since forms send empty ones."""

    def __init__(self, request: Request[Any, Any, Any], known: Collection[str]) -> None:
        """Reads the parameters of a request.

        Raises:
            InvalidRequestError: One of them is not among the known names.
        """
        self._values: dict[str, list[str]] = {}
        for name, value in request.query_params.multi_items():
            if name not in known:
                raise InvalidRequestError(name, f"There is no such parameter; there are: {', '.join(known)}")
            if value:
                self._values.setdefault(name, []).append(value)

    def all(self, name: str) -> Sequence[str]:
        """Returns all values of a parameter, in the order of the request."""
        return self._values.get(name, ())

    def one(self, name: str) -> str | None:
        """Returns the value of a parameter; `None` if it was left out.

        Raises:
            InvalidRequestError: There are several values.
        """
        values = self.all(name)
        if len(values) > 1:
            raise InvalidRequestError(name, "It may be given once")
        return values[0] if values else None

    def whole_number(self, wanted: WholeNumber) -> int:
        """Returns the number that a parameter is, or its default.

        Raises:
            InvalidRequestError: It is not a whole number, or is out of bounds.
        """
        text = self.one(wanted.name)
        if text is None:
            return wanted.default
        # Converting a text of thousands of digits is slow, or an error.
        is_short_number = text.isascii() and text.isdigit() and len(text) <= len(str(wanted.maximum))
        number = int(text) if is_short_number else 0
        if not 1 <= number <= wanted.maximum:
            raise InvalidRequestError(wanted.name, f"{text!r:.80} is no whole number from 1 to {wanted.maximum:,}")
        return number

    def duration(self, name: str, default: timedelta) -> timedelta:
        """Returns the duration that a parameter is, or the default.

        Raises:
            InvalidRequestError: It is not a duration.
        """
        text = self.one(name)
        try:
            return default if text is None else parse_duration(text)
        except InvalidDurationError as error:
            raise InvalidRequestError(name, str(error)) from error

    def query(self, zone: tzinfo) -> Query:
        """Returns the query that the filters among the parameters ask for.

        Raises:
            InvalidRequestError: One of them cannot be understood.
        """
        return query_of(self._value_of, zone, str)

    def _value_of(self, wanted: Filter) -> object:
        return (self.all(wanted.name) if wanted.kind.is_repeatable else self.one(wanted.name)) or UNSET
