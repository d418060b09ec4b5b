"""What the OpenAPI document says of handlers that look at many messages at once."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)

from ..openapi.document import json_of, responses_of
from ..openapi.schemas import INTEGER, LISTED_MESSAGE, MOMENT, STATUS, TEXT, object_of

_TIME = Schema(type=[OpenAPIType.STRING, OpenAPIType.NUMBER], description="a time, or milliseconds since 1970")
_STATUSES = Schema(type=OpenAPIType.ARRAY, items=STATUS, min_items=1)
_BOOLEAN = Schema(type=OpenAPIType.BOOLEAN, default=False)
_OR_NULL = [OpenAPIType.STRING, OpenAPIType.NULL]


def _parameter(name: str, description: str, schema: Schema = TEXT) -> Parameter:
    return Parameter(name=name, param_in="query", required=False, description=description, schema=schema)


FILTER_PARAMETERS = (
    _parameter(
        "status", "a state they may be in; several may be given", Schema(type=OpenAPIType.ARRAY, items=STATUS)
    ),
    _parameter("to", "their destination"),
    _parameter("label", "one of their labels"),
    _parameter("due_after", "they are due at that time or later"),
    _parameter("due_before", "they are due earlier than that"),
)
_PAGE = object_of(
    ["items", "next"], items=Schema(type=OpenAPIType.ARRAY, items=LISTED_MESSAGE), next=Schema(type=_OR_NULL)
)
_BULK = Schema(
    type=OpenAPIType.OBJECT,
    additional_properties=False,
    properties={
        "status": Schema(one_of=[STATUS, _STATUSES]),
        "to": Schema(type=OpenAPIType.STRING, min_length=1),
        "label": Schema(type=OpenAPIType.STRING, min_length=1),
        "due_after": _TIME,
        "due_before": _TIME,
        "all": Schema(type=OpenAPIType.BOOLEAN, default=False, description="true in the place of any filter"),
        "dry_run": Schema(type=OpenAPIType.BOOLEAN, default=False, description="true: count only"),
    },
    examples=[{"label": "cart-42"}, {"all": True, "dry_run": True}],
)
_TALLY = object_of(["matched", "changed"], matched=INTEGER, changed=INTEGER)
_FORECAST = Schema(
    type=OpenAPIType.OBJECT,
    required=["from", "step", "items"],
    properties={
        "from": MOMENT,
        "step": TEXT,
        "items": Schema(type=OpenAPIType.ARRAY, items=object_of(["at", "count"], at=MOMENT, count=INTEGER)),
    },
)


@dataclass
class ListOperation(Operation):
    """Of `GET /v1/messages`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        limit = Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=1000, default=100)
        self.parameters = [
            *FILTER_PARAMETERS,
            _parameter("limit", "how many to answer with at most", limit),
            _parameter("cursor", "`next` of the page before"),
        ]
        shown = (
            "A page, in due order; short or empty where much was looked at that was not asked for",
            json_of(_PAGE),
        )
        self.responses = responses_of(400, 503, s200=shown)


@dataclass
class _BulkOperation(Operation):
    def __post_init__(self) -> None:
        self.request_body = RequestBody(content=json_of(_BULK), required=True)
        self.responses = responses_of(
            400, 413, 415, 503, s200=("How many were asked for and changed", json_of(_TALLY))
        )


@dataclass
class CancelManyOperation(_BulkOperation):
    """Of `POST /v1/messages/cancel`."""


@dataclass
class ReplayManyOperation(_BulkOperation):
    """Of `POST /v1/messages/replay`."""


_HAPPENING = object_of(
    ["id", "event", "at", "status", "to", "labels", "due_at", "attempts"],
    id=TEXT,
    event=TEXT,
    at=MOMENT,
    status=STATUS,
    to=TEXT,
    labels=Schema(type=OpenAPIType.ARRAY, items=TEXT),
    due_at=MOMENT,
    attempts=INTEGER,
)


@dataclass
class WatchOperation(Operation):
    """Of `GET /v1/events`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        last = Parameter(
            name="Last-Event-ID",
            param_in="header",
            required=False,
            description="the id of the last event that was seen: those behind it come first",
            schema=TEXT,
        )
        self.parameters = [*FILTER_PARAMETERS, last]
        stream = {"text/event-stream": OpenAPIMediaType(schema=_HAPPENING)}
        self.responses = responses_of(400, 503, s200=("Server-sent events, each with data such as this", stream))


@dataclass
class ForecastOperation(Operation):
    """Of `GET /v1/forecast`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        self.parameters = [
            _parameter("step", "how long a step is: 1m"),
            _parameter("horizon", "how far to look: 24h"),
        ]
        self.responses = responses_of(400, 503, s200=("How many come due in each step", json_of(_FORECAST)))
