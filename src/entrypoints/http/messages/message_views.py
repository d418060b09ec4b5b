"""Messages as clients see them."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ....domain.messages.status import Status
from ....domain.messages.timeline import EventKind, timeline_of
from ....domain.time.instant import to_rfc3339
from ..json_response import JSON, JsonResponse
from ..parsing.documents import JsonValue, LocalTimeDocument, RetryDocument, Timestamp, retry_document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http import HTTPStatus

    from ....domain.messages.message import Message


class FailureView(msgspec.Struct, frozen=True):
    """A failed attempt: when it ended, and why it failed."""

    at: Timestamp
    reason: str


class TimelineEntryView(msgspec.Struct, frozen=True):
    """One event in the life of a message, with the facts that its kind of event has."""

    at: Timestamp
    event: EventKind
    instance: str | UnsetType = UNSET
    result: str | UnsetType = UNSET
    detail: str | UnsetType = UNSET
    duration_ms: int | UnsetType = UNSET
    lateness_ms: int | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class ListedMessageView(msgspec.Struct, frozen=True):
    """A message without its timeline."""

    id: str
    status: Status
    at: Annotated[Timestamp, Meta(description="when the client wants the message delivered")]
    at_local: Annotated[LocalTimeDocument | None, Meta(description="the local time that `at` was given as")]
    to: str
    body: JsonValue
    attempts: int
    labels: tuple[str, ...]
    headers: dict[str, str]
    retry: RetryDocument
    due_at: Annotated[Timestamp, Meta(description="when the message is tried next")]
    expires_at: Timestamp | None
    created_at: Timestamp
    ended_at: Timestamp | None
    schedule_id: Annotated[str | None, Meta(description="the schedule that the message is an occurrence of")]
    failures: list[FailureView]


# Never instantiated: `message_response` joins its JSON from two parts that are encoded already.
class MessageView(ListedMessageView, frozen=True):
    """A message with its timeline."""

    timeline: list[TimelineEntryView]


class MessageListView(msgspec.Struct, frozen=True):
    """A page of messages in due order."""

    items: list[ListedMessageView]
    next: Annotated[str | None, Meta(description="the `cursor` of the next page; null after the last page")]


_encode = msgspec.json.Encoder().encode


def view_of(message: Message) -> ListedMessageView:
    """Returns a message as clients see it in a list: without its timeline."""
    at = to_rfc3339(message.at)
    local = message.at_local
    return ListedMessageView(
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
