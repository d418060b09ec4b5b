"""How a message looks from outside."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from ....domain.messages.timeline import timeline_of
from ....domain.time.instant import to_rfc3339
from ..json_response import JSON, JsonResponse
from ..parsing.documents import LocalTimeDocument, RetryDocument, retry_document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http import HTTPStatus

    from ....domain.messages.message import Message


class FailureView(msgspec.Struct, frozen=True):
    """A failed attempt: when it ended, and why it failed."""

    at: str
    reason: str


class MessageView(msgspec.Struct, frozen=True):
    """A message. Times are RFC 3339 in UTC with milliseconds.

    `at` is when its client wants it, `due_at` when it is tried next, `ended_at` when it was over; `schedule_id`
    names the schedule that it is an occurrence of.
    """

    id: str
    status: str
    at: str
    at_local: LocalTimeDocument | None
    to: str
    body: msgspec.Raw
    attempts: int
    labels: tuple[str, ...]
    headers: dict[str, str]
    retry: RetryDocument
    due_at: str
    expires_at: str | None
    created_at: str
    ended_at: str | None
    schedule_id: str | None
    failures: list[FailureView]


_encode = msgspec.json.Encoder().encode


def view_of(message: Message) -> MessageView:
    """Returns a message as clients see it in a list: without its timeline."""
    at = to_rfc3339(message.at)
    local = message.at_local
    return MessageView(
        id=message.id,
        status=message.status,
        at=at,
        at_local=None if local is None else LocalTimeDocument(local.local, local.timezone),
        to=message.to,
        body=msgspec.Raw(message.body),
        attempts=message.attempts,
        labels=message.labels,
        headers=dict(message.headers),
        retry=retry_document(message.retry),
        due_at=at if message.due_at == message.at else to_rfc3339(message.due_at),
        expires_at=None if message.expires_at is None else to_rfc3339(message.expires_at),
        created_at=to_rfc3339(message.created_at),
        ended_at=None if message.ended_at is None else to_rfc3339(message.ended_at),
        schedule_id=message.schedule_id,
        failures=[FailureView(to_rfc3339(failure.at), failure.reason) for failure in message.failures],
    )


def location_of(message: Message) -> str:
    """Returns the path of a message."""
    return f"/v1/messages/{message.id}"


def tag_of(message: Message) -> str:
    """Returns the entity tag of this state of a message: it is another whenever the message is."""
    return _tag(_encode(view_of(message)), _timeline(message))


def show(message: Message, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> JsonResponse:
    """Answers with a message, its timeline and its entity tag."""
    content, timeline = _encode(view_of(message)), _timeline(message)
    whole = b'%b,"timeline":%b}' % (content[:-1], timeline)
    return JsonResponse(whole, JSON, status, {"etag": _tag(content, timeline), **(headers or {})})


def _timeline(message: Message) -> bytes:
    return _encode(
        [
            {"at": to_rfc3339(happened.at), "event": happened.event, **happened.facts}
            for happened in timeline_of(message)
        ]
    )


def _tag(content: bytes, timeline: bytes) -> str:
    return f'"{blake2b(content + timeline, digest_size=9).hexdigest()}"'
