"""How a message looks from outside."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from ....domain.messages.timeline import timeline_of
from ....domain.time.duration import format_duration
from ....domain.time.instant import to_rfc3339
from ..json_response import JSON, JsonResponse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http import HTTPStatus

    from ....domain.messages.message import Message
    from ....domain.messages.retry import RetryPolicy


class FailureView(msgspec.Struct, frozen=True):
    """A failed attempt: when it ended, and why it failed."""

    at: str
    reason: str


class LocalView(msgspec.Struct, frozen=True):
    """The local time that `at` was given as."""

    local: str
    timezone: str


class MessageView(msgspec.Struct, frozen=True):
    """A message. Times are RFC 3339 in UTC with milliseconds.

    `at` is when its client wants it, `due_at` when it is tried next, `ended_at` when it was over; `schedule_id`
    names the schedule that it is an occurrence of.
    """

    id: str
    status: str
    at: str
    at_local: LocalView | None
    to: str
    body: msgspec.Raw
    attempts: int
    labels: tuple[str, ...]
    headers: dict[str, str]
    retry: msgspec.Raw
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
        at_local=None if local is None else LocalView(local.local, local.timezone),
        to=message.to,
        body=msgspec.Raw(message.body),
        attempts=message.attempts,
        labels=message.labels,
        headers=dict(message.headers),
        retry=retry_view(message.retry),
        due_at=at if message.due_at == message.at else to_rfc3339(message.due_at),
        expires_at=None if message.expires_at is None else to_rfc3339(message.expires_at),
        created_at=to_rfc3339(message.created_at),
        ended_at=None if message.ended_at is None else to_rfc3339(message.ended_at),
        schedule_id=message.schedule_id,
        failures=[FailureView(to_rfc3339(failure.at), failure.reason) for failure in message.failures],
    )


@lru_cache(maxsize=64)
def retry_view(retry: RetryPolicy) -> msgspec.Raw:
    """Returns a policy as clients see it."""
    shown = {
        "attempts": retry.attempts,
        "backoff": retry.backoff,
        "base": format_duration(retry.base),
        "cap": format_duration(retry.cap),
        "jitter": retry.jitter,
    }
    return msgspec.Raw(_encode(shown))


def location_of(message: Message) -> str:
    """Returns the path of a message."""
    return f"/v1/messages/{message.id}"


def entity_tag_of(message: Message) -> str:
    """Returns the entity tag of a message's present state. Any change of the message changes it."""
    return _entity_tag(_encode(view_of(message)), _timeline(message))


def message_response(
    message: Message, status: HTTPStatus, headers: Mapping[str, str] | None = None
) -> JsonResponse:
    """Returns a response with a message, its timeline and its entity tag."""
    view, timeline = _encode(view_of(message)), _timeline(message)
    body = b'%b,"timeline":%b}' % (view[:-1], timeline)
    return JsonResponse(body, JSON, status, {"etag": _entity_tag(view, timeline), **(headers or {})})


def _timeline(message: Message) -> bytes:
    return _encode(
        [{"at": to_rfc3339(entry.at), "event": entry.event, **entry.facts} for entry in timeline_of(message)]
    )


def _entity_tag(view: bytes, timeline: bytes) -> str:
    return f'"{blake2b(view + timeline, digest_size=9).hexdigest()}"'
