"""The OpenAPI operations of single messages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from litestar.openapi.spec import OpenAPIHeader, OpenAPIResponse

from ....domain.ids import MessageId
from ....domain.messages.message import Message
from ..openapi.operations import example_of, header, json_of, operation, response
from ..openapi.schemas import schema_of
from .message_documents import MessagePatch, NewMessage
from .message_views import MessageView, view_of

NEW_MESSAGE_EXAMPLES: list[dict[str, Any]] = [
    {"body": "Hello", "in": "15m"},
    {"body": {"cart": 42}, "at": "2026-12-24T18:00:00+01:00", "labels": ["cart-42"], "key": "order-42"},
]
_MESSAGE = Message(
    id=MessageId("3palmScAVht0"),
    body=b'{"cart":42}',
    to="console",
    at=datetime(2026, 12, 24, 17, tzinfo=UTC),
    due_at=datetime(2026, 12, 24, 17, tzinfo=UTC),
    created_at=datetime(2026, 12, 1, 9, tzinfo=UTC),
    labels=("cart-42",),
)
LISTED_MESSAGE_EXAMPLE = example_of(view_of(_MESSAGE))
MESSAGE = json_of(
    MessageView,
    examples=[{**LISTED_MESSAGE_EXAMPLE, "timeline": [{"at": "2026-12-01T09:00:00.000Z", "event": "scheduled"}]}],
)
_ETAG = {"ETag": OpenAPIHeader(schema=schema_of(str), description="the entity tag of this state of the message")}


def _message(description: str) -> OpenAPIResponse:
    return response(description, MESSAGE, _ETAG)


ScheduleOperation = operation(
    parameters=[header("Idempotency-Key", "the same as `key` in the body")],
    body=json_of(NewMessage, examples=NEW_MESSAGE_EXAMPLES),
    responses={201: _message("Scheduled"), 200: _message("The first message of this key, as it is now")},
    problem_statuses=[400, 409, 410, 413, 415, 503, 507],
)

FindOperation = operation(
    parameters=[header("If-None-Match", "the entity tags of the states that the client already has")],
    responses={200: _message("The message"), 304: response("The client has this state already")},
    problem_statuses=[404, 503],
)

EditOperation = operation(
    parameters=[header("If-Match", "entity tags, one of which the message must have; or *")],
    body=json_of(MessagePatch, examples=[{"in": "1h"}, {"expires_at": None}], minProperties=1),
    responses={200: _message("The message as it is now")},
    problem_statuses=[400, 404, 409, 412, 413, 415, 503],
)

CancelOperation = operation(
    responses={204: response("Cancelled, now or before")}, problem_statuses=[404, 409, 503]
)

DeliverOperation = operation(responses={202: _message("The message, due now")}, problem_statuses=[404, 409, 503])

ReplayOperation = operation(responses={202: _message("The message, due again")}, problem_statuses=[404, 409, 503])
