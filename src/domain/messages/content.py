"""The fields that a message, a request for a message and the template of a schedule have in common."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ..immutable import immutable
from .retry import DEFAULT_RETRY, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence


@immutable
class Content:
    """What is delivered, where to, and how.

    Every message, every request for a message and every template of a schedule has these fields. A field that is
    added here also needs its counterpart in `ContentEdit`.

    Attributes:
        body: The message's body: JSON text in UTF-8, as the client wrote it, without white space between tokens.
        to: The destination: a channel, optionally followed by a colon and an address within the channel.
        retry: When a failed delivery is tried again.
        labels: Words that the client can find its messages by.
        headers: Names and values for the receiver. A channel that cannot carry headers ignores them.
    """

    body: bytes
    to: str = "console"
    retry: RetryPolicy = DEFAULT_RETRY
    labels: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


CONTENT_FIELDS: Sequence[str] = tuple(field.name for field in fields(Content))
"""The names of the fields of `Content`."""


def content_of(source: Content) -> dict[str, Any]:
    """Returns the fields of `Content` by name, as keyword arguments for another class that has them."""
    return {name: getattr(source, name) for name in CONTENT_FIELDS}
