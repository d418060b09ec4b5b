"""Conditional requests (RFC 9110, section 13): `If-Match` and `If-None-Match`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ....domain.errors import PostdateError
from .message_views import tag_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ....domain.messages.message import Message

_ANY = "*"
_TAG = re.compile(r'(W/)?("[^"]*")')


class PreconditionFailedError(PostdateError):
    """The message is not as its client takes it to be."""

    def __init__(self, message_id: str, tag: str) -> None:
        """Builds a sentence with the tag that would have been right."""
        super().__init__(f"message {message_id} has changed: its entity tag is {tag} now")


def condition_of(if_match: str | None) -> Callable[[Message], None]:
    """Returns what refuses a message whose tag is not among those given; with no header, it refuses none."""

    def require(message: Message) -> None:
        if if_match is None or if_match.strip() == _ANY:
            return
        tag = tag_of(message)
        # A weak tag never matches here: it stands for more states than one.
        if not any(strong == tag and not weak for weak, strong in _TAG.findall(if_match)):
            raise PreconditionFailedError(message.id, tag)

    return require


def is_known(if_none_match: str | None, message: Message) -> bool:
    """Whether the client has this state of the message already."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == _ANY:
        return True
    tag = tag_of(message)
    return any(known == tag for _, known in _TAG.findall(if_none_match))
