"""How a message looks from outside."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from ...domain.instant import to_rfc3339
from .answers import JSON, Answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http import HTTPStatus

    from ...domain.message import Message


class FailureView(msgspec.Struct, frozen=True):
    """A failed attempt: when it ended, and why it failed."""

    at: str
    reason: str


class MessageView(msgspec.Struct, frozen=True):
    """A message. Times are RFC 3339 in UTC with milliseconds.

    `at` is when its client wants it, `due_at` when it is tried next, `ended_at` when it was over.
    """

    id: str
    status: str
    at: str
    to: str
    body: msgspec.Raw
    attempts: int
    due_at: str
    created_at: str
    ended_at: str | None
    failures: list[FailureView]


_encode = msgspec.json.Encoder().encode


def view_of(message: Message) -> MessageView:
    """Returns a message as clients see it."""
    return MessageView(
        id=message.id,
        status=message.status,
        at=to_rfc3339(message.at),
        to=message.to,
        body=msgspec.Raw(message.body),
        attempts=message.attempts,
        due_at=to_rfc3339(message.due_at),
        created_at=to_rfc3339(message.created_at),
        ended_at=None if message.ended_at is None else to_rfc3339(message.ended_at),
        failures=[FailureView(to_rfc3339(failure.at), failure.reason) for failure in message.failures],
    )


def location_of(message: Message) -> str:
    """Returns the path of a message."""
    return f"/v1/messages/{message.id}"


def show(message: Message, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> Answer:
    """Answers with a message and the entity tag of this state of it."""
    content = _encode(view_of(message))
    tag = {"etag": f'"{blake2b(content, digest_size=9).hexdigest()}"'}
    return Answer(content, JSON, status, {**tag, **(headers or {})})
