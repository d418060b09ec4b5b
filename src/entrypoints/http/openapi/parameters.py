"""Query parameters that several operations share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....domain.messages.status import Status
from .operations import query_parameter

if TYPE_CHECKING:
    from litestar.openapi.spec import Parameter

    from ..parsing.parameters import WholeNumber

CURSOR = query_parameter("cursor", "`next` of the page before")
FILTERS = (
    query_parameter("status", "A status they may have; several may be given", list[Status]),
    query_parameter("to", "Their destination"),
    query_parameter("label", "One of their labels"),
    query_parameter("due_after", "They are due at this time or later"),
    query_parameter("due_before", "They are due before this time"),
)


def whole_number(number: WholeNumber) -> Parameter:
    """Returns a parameter that is a whole number."""
    return query_parameter(
        number.name, number.description, int, minimum=1, maximum=number.maximum, default=number.default
    )
