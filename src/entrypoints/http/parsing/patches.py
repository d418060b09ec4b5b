"""What documents that change something have in common."""

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
Read = TypeVar("Read")


def require_a_change(document: Struct) -> None:
    """Refuses a document that leaves everything out.

    Raises:
        InvalidRequestError: it does.
    """
    if all(getattr(document, name) is UNSET for name in document.__struct_fields__):
        raise InvalidRequestError("$", "There is nothing in it to be changed")


def changed(given: Given | UnsetType, read: Callable[[Given], Read]) -> Read | Unchanged:
    """Returns the new value that is read from what was given; `UNCHANGED` where that was left out."""
    return UNCHANGED if given is UNSET else read(given)
