"""What the OpenAPI document says of handlers that look at many messages at once."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)

from ...domain.status import Status
from .openapi import _INTEGER, _MESSAGE, _TEXT, _json, _object, _responses

_MOMENT = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME)
_TIME = Schema(type=[OpenAPIType.STRING, OpenAPIType.NUMBER], description="a time, or milliseconds since 1970")
_STATUS = Schema(type=OpenAPIType.STRING, enum=[str(status) for status in Status])
_STATUSES = Schema(type=OpenAPIType.ARRAY, items=_STATUS, min_items=1)
_BOOLEAN = Schema(type=OpenAPIType.BOOLEAN, default=False)
_OR_NULL = [OpenAPIType.STRING, OpenAPIType.NULL]


def _parameter(name: str, description: str, schema: Schema = _TEXT) -> Parameter:
    return Parameter(name=name, param_in="query", required=False, description=description, schema=schema)


FILTER_PARAMETERS = (
    _parameter(
        "status", "a state they may be in; several may be given", Schema(type=OpenAPIType.ARRAY, items=_STATUS)
    ),
    _parameter("to", "their destination"),
    _parameter("label", "one of their labels"),
    _parameter("due_after", "they are due at that time or later"),
    _parameter("due_before", "they are due earlier than that"),
)
_PAGE = _object(
    ["items", "next"], items=Schema(type=OpenAPIType.ARRAY, items=_MESSAGE), next=Schema(type=_OR_NULL)
)
_BULK = Schema(
    type=OpenAPIType.OBJECT,
    additional_properties=False,
    properties={
        "status": Schema(one_of=[_STATUS, _STATUSES]),
        "to": Schema(type=OpenAPIType.STRING, min_length=1),
        "label": Schema(type=OpenAPIType.STRING, min_length=1),
        "due_after": _TIME,
        "due_before": _TIME,
        "all": Schema(type=OpenAPIType.BOOLEAN, default=False, description="true in the place of any filter"),
        "dry_run": Schema(type=OpenAPIType.BOOLEAN, default=False, description="true: count only"),
    },
    examples=[{"label": "cart-42"}, {"all": True, "dry_run": True}],
)
_TALLY = _object(["matched", "changed"], matched=_INTEGER, changed=_INTEGER)
_FORECAST = Schema(
    type=OpenAPIType.OBJECT,
    required=["from", "step", "items"],
    properties={
        "from": _MOMENT,
        "step": _TEXT,
        "items": Schema(type=OpenAPIType.ARRAY, items=_object(["at", "count"], at=_MOMENT, count=_INTEGER)),
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
            _json(_PAGE),
        )
        self.responses = _responses(400, 503, s200=shown)


@dataclass
class _BulkOperation(Operation):
    def __post_init__(self) -> None:
        self.request_body = RequestBody(content=_json(_BULK), required=True)
        self.responses = _responses(
            400, 413, 415, 503, s200=("How many were asked for and changed", _json(_TALLY))
        )


@dataclass
class CancelManyOperation(_BulkOperation):
    """Of `POST /v1/messages/cancel`."""


@dataclass
class ReplayManyOperation(_BulkOperation):
    """Of `POST /v1/messages/replay`."""


_HAPPENING = _object(
    ["id", "event", "at", "status", "to", "labels", "due_at", "attempts"],
    id=_TEXT,
    event=_TEXT,
    at=_MOMENT,
    status=_STATUS,
    to=_TEXT,
    labels=Schema(type=OpenAPIType.ARRAY, items=_TEXT),
    due_at=_MOMENT,
    attempts=_INTEGER,
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
            schema=_TEXT,
        )
        self.parameters = [*FILTER_PARAMETERS, last]
        stream = {"text/event-stream": OpenAPIMediaType(schema=_HAPPENING)}
        self.responses = _responses(400, 503, s200=("Server-sent events, each with data such as this", stream))


@dataclass
class ForecastOperation(Operation):
    """Of `GET /v1/forecast`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        self.parameters = [
            _parameter("step", "how long a step is: 1m"),
            _parameter("horizon", "how far to look: 24h"),
        ]
        self.responses = _responses(400, 503, s200=("How many come due in each step", _json(_FORECAST)))
