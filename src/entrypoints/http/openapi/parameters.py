"""Query parameters that several operations share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..parsing.filters import FILTERS
from .operations import query_parameter

if TYPE_CHECKING:
    from litestar.openapi.spec import Parameter

    from ..parsing.parameters import WholeNumber

CURSOR = query_parameter("cursor", "`next` of the page before")
FILTER_PARAMETERS = tuple(
    query_parameter(wanted.name, wanted.description, wanted.kind.parameter_type) for wanted in FILTERS
)


def whole_number(number: WholeNumber) -> Parameter:
    """Returns a parameter that is a whole number."""
    return query_parameter(
        number.name, number.description, int, minimum=1, maximum=number.maximum, default=number.default
    )
