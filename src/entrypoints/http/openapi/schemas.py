"""The schemas of what goes in and out, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from litestar.openapi.spec import OpenAPIFormat, OpenAPIType, Schema

from ....domain.messages.status import Status
from ....domain.messages.timeline import EventKind
from ..parsing import limits

TEXT = Schema(type=OpenAPIType.STRING)
INTEGER = Schema(type=OpenAPIType.INTEGER)
MOMENT = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME, examples=["2026-12-24T17:00:00.000Z"])
ANY = Schema(description="any JSON value")


def object_of(required: list[str], *, closed: bool = False, **properties: Schema) -> Schema:
    """Returns the schema of an object; a closed one has no other properties."""
    return Schema(
        type=OpenAPIType.OBJECT,
        required=required or None,
        properties=dict(properties),
        additional_properties=False if closed else None,
    )


def or_null(kind: OpenAPIType, **more: Any) -> Schema:  # noqa: ANN401  # as Schema takes it
    """Returns the schema of what may be null."""
    return Schema(type=[kind, OpenAPIType.NULL], **more)


DURATION = Schema(
    type=OpenAPIType.STRING, description="a duration: 500ms, 15m, 1h30m, 2d, PT1.5S", examples=["15m"]
)
_LOCAL = object_of(["local", "timezone"], closed=True, local=TEXT, timezone=TEXT)
TIME = Schema(
    one_of=[Schema(type=[OpenAPIType.STRING, OpenAPIType.NUMBER]), _LOCAL],
    description="a time, milliseconds since 1970, or what the clocks of a zone show",
    examples=[
        "2026-12-24T18:00:00+01:00",
        1798131600000,
        {"local": "2027-03-28T02:30", "timezone": "Europe/Kyiv"},
    ],
)
HEADERS = Schema(type=OpenAPIType.OBJECT, additional_properties=TEXT)
_BACKOFF = Schema(type=OpenAPIType.STRING, enum=["exponential", "fixed"])
RETRY = object_of(
    [],
    closed=True,
    attempts=Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=limits.MAX_ATTEMPTS),
    backoff=_BACKOFF,
    base=DURATION,
    cap=DURATION,
    jitter=Schema(type=OpenAPIType.BOOLEAN),
)
LABELS = Schema(
    type=OpenAPIType.ARRAY,
    items=Schema(type=OpenAPIType.STRING, min_length=1, max_length=limits.MAX_LABEL_CHARS),
    max_items=limits.MAX_LABELS,
    unique_items=True,
)
_KEY = Schema(
    type=OpenAPIType.STRING,
    min_length=1,
    max_length=limits.MAX_KEY_CHARS,
    description="the same request with the same key, within 24 hours, is one message",
)
DESTINATION = Schema(
    type=OpenAPIType.STRING,
    max_length=limits.MAX_DESTINATION_CHARS,
    description="console, a URL for a webhook, or SCHEME:NAME, such as stream:NAME or celery:TASK",
)
_CHANGEABLE = {
    "body": ANY,
    "at": TIME,
    "in": DURATION,
    "to": DESTINATION,
    "expires_at": TIME,
    "expires_in": DURATION,
    "retry": RETRY,
    "labels": LABELS,
    "headers": HEADERS,
}
NEW_MESSAGE = Schema(
    type=OpenAPIType.OBJECT,
    required=["body"],
    additional_properties=False,
    properties={**_CHANGEABLE, "key": _KEY},
    examples=[
        {"body": "Hello", "in": "15m"},
        {"body": {"cart": 42}, "at": "2026-12-24T18:00:00+01:00", "labels": ["cart-42"], "key": "order-42"},
    ],
)
MESSAGE_PATCH = Schema(
    type=OpenAPIType.OBJECT,
    min_properties=1,
    additional_properties=False,
    properties={**_CHANGEABLE, "expires_at": Schema(one_of=[TIME, Schema(type=OpenAPIType.NULL)])},
    examples=[{"in": "1h"}, {"expires_at": None}],
)
NEW_MESSAGES = Schema(type=OpenAPIType.ARRAY, items=NEW_MESSAGE, max_items=10_000)
ECHO = Schema(
    type=OpenAPIType.OBJECT,
    required=["time", "message"],
    properties={
        "time": Schema(type=[OpenAPIType.STRING, OpenAPIType.NUMBER], description="as JavaScript reads it"),
        "message": Schema(description="any JSON value but null and the empty string"),
    },
    examples=[{"time": "2026-12-24T18:00:00Z", "message": "Hello future!"}],
)

_HAPPENED = object_of(
    ["at", "event"],
    at=MOMENT,
    event=Schema(type=OpenAPIType.STRING, enum=[str(event) for event in EventKind]),
    instance=TEXT,
    result=TEXT,
    detail=TEXT,
    duration_ms=INTEGER,
    lateness_ms=INTEGER,
    reason=TEXT,
)
STATUS = Schema(type=OpenAPIType.STRING, enum=[str(status) for status in Status])
_SHOWN = {
    "id": TEXT,
    "status": STATUS,
    "at": MOMENT,
    "at_local": or_null(OpenAPIType.OBJECT, properties={"local": TEXT, "timezone": TEXT}),
    "to": TEXT,
    "body": ANY,
    "attempts": INTEGER,
    "labels": Schema(type=OpenAPIType.ARRAY, items=TEXT),
    "headers": HEADERS,
    "retry": RETRY,
    "due_at": MOMENT,
    "expires_at": or_null(OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME),
    "created_at": MOMENT,
    "ended_at": or_null(OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME),
    "schedule_id": or_null(OpenAPIType.STRING, description="the schedule that it is an occurrence of"),
    "failures": Schema(type=OpenAPIType.ARRAY, items=object_of(["at", "reason"], at=MOMENT, reason=TEXT)),
}
_EXAMPLE = {
    "id": "3palmScAVht0",
    "status": "scheduled",
    "at": "2026-12-24T17:00:00.000Z",
    "at_local": None,
    "to": "console",
    "body": {"cart": 42},
    "attempts": 0,
    "labels": ["cart-42"],
    "headers": {},
    "retry": {"attempts": 5, "backoff": "exponential", "base": "PT1S", "cap": "PT1H", "jitter": True},
    "due_at": "2026-12-24T17:00:00.000Z",
    "expires_at": None,
    "created_at": "2026-12-01T09:00:00.000Z",
    "ended_at": None,
    "schedule_id": None,
    "failures": [],
}
LISTED_MESSAGE = Schema(
    type=OpenAPIType.OBJECT, required=list(_SHOWN), properties={**_SHOWN}, examples=[{**_EXAMPLE}]
)
MESSAGE = Schema(
    type=OpenAPIType.OBJECT,
    required=[*_SHOWN, "timeline"],
    properties={**_SHOWN, "timeline": Schema(type=OpenAPIType.ARRAY, items=_HAPPENED)},
    examples=[{**_EXAMPLE, "timeline": [{"at": "2026-12-01T09:00:00.000Z", "event": "scheduled"}]}],
)
PROBLEM = object_of(
    ["type", "title", "status", "detail"],
    type=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.URI_REFERENCE),
    title=TEXT,
    status=INTEGER,
    detail=TEXT,
    errors=Schema(type=OpenAPIType.ARRAY, items=object_of(["path", "detail"], path=TEXT, detail=TEXT)),
)
_RESULT = Schema(
    one_of=[
        object_of(["id"], closed=True, id=TEXT, replayed=Schema(type=OpenAPIType.BOOLEAN)),
        object_of(["problem"], closed=True, problem=PROBLEM),
    ]
)
BATCH_RESULT = Schema(
    type=OpenAPIType.OBJECT,
    required=["accepted", "rejected", "results"],
    properties={
        "accepted": INTEGER,
        "rejected": INTEGER,
        "results": Schema(type=OpenAPIType.ARRAY, items=_RESULT),
    },
    examples=[{"accepted": 2, "rejected": 0, "results": [{"id": "3palmScAVht0"}, {"id": "3palmScAVhu0"}]}],
)
