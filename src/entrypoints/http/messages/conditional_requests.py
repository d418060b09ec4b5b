"""Conditional requests (RFC 9110, section 13): `If-Match` and `If-None-Match`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..problems.request_errors import PreconditionFailedError
from .message_views import entity_tag_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ....domain.messages.message import Message

_ANY = "*"
_TAG = re.compile(r'(W/)?("[^"]*")')


def if_match_condition(if_match: str | None) -> Callable[[Message], None]:
    """Returns a function that raises `PreconditionFailedError` for a message whose entity tag the header lacks.

    Without the header, and with `*`, it accepts every message.
    """

    def require_match(message: Message) -> None:
        if if_match is None or if_match.strip() == _ANY:
            return
        tag = entity_tag_of(message)
        # A weak tag stands for more than one state, so it never matches here.
        if not any(listed == tag and not weak for weak, listed in _TAG.findall(if_match)):
            raise PreconditionFailedError(message.id, tag)

    return require_match


def is_not_modified(if_none_match: str | None, message: Message) -> bool:
    """Returns whether the client already has this state of the message."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == _ANY:
        return True
    tag = entity_tag_of(message)
    return any(listed == tag for _, listed in _TAG.findall(if_none_match))
