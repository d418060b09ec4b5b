"""Parses the fields that messages and schedules have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from .fields import parse_destination, parse_labels, parse_retry
from .json_body import compact_body

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .documents import ContentFields

_PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "to": parse_destination,
    "retry": parse_retry,
    "labels": parse_labels,
    "headers": lambda headers: tuple(headers.items()),
}


def parse_content(document: ContentFields, max_body_bytes: int) -> dict[str, Any]:
    """Returns the fields of `Content` that a document has, as keyword arguments.

    They serve a request, a template and an edit alike: what is left out gets the default of the class.

    Raises:
        InvalidRequestError: A field cannot be understood.
        BodyTooLargeError: The body is over the limit.
    """
    content: dict[str, Any] = {}
    if document.body is not UNSET:
        content["body"] = compact_body(document.body, "$.body", max_body_bytes)
    for name, parse in _PARSERS.items():
        if (value := getattr(document, name)) is not UNSET:
            content[name] = parse(value)
    return content
