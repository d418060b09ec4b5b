"""Reads documents that change something: a field that is left out changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import UNSET, Struct

from ....domain.messages.edit import UNCHANGED
from ..problems.request_errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from msgspec import UnsetType

    from ....domain.messages.edit import Unchanged

Given = TypeVar("Given")
Parsed = TypeVar("Parsed")


def require_any_field(document: Struct) -> None:
    """Requires that a document has at least one field.

    Raises:
        InvalidRequestError: The document leaves every field out.
    """
    if all(getattr(document, name) is UNSET for name in document.__struct_fields__):
        raise InvalidRequestError("$", "There is nothing in it to be changed")


def parse_change(given: Given | UnsetType, parse: Callable[[Given], Parsed]) -> Parsed | Unchanged:
    """Returns the parsed value of a field; `UNCHANGED` if the field was left out."""
    return UNCHANGED if given is UNSET else parse(given)
