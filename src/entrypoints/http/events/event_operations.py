"""The OpenAPI operation of the stream of events."""

from __future__ import annotations

from litestar.openapi.spec import OpenAPIMediaType

from ..openapi.operations import header, operation, response
from ..openapi.parameters import FILTER_PARAMETERS
from ..openapi.schemas import schema_of
from .event_views import MessageEventView

WatchOperation = operation(
    parameters=[
        *FILTER_PARAMETERS,
        header("Last-Event-ID", "the id of the last event that the client saw; the events after it come first"),
    ],
    responses={
        200: response(
            "Server-sent events, each with data such as this",
            {"text/event-stream": OpenAPIMediaType(schema=schema_of(MessageEventView))},
        )
    },
    problem_statuses=[400, 503],
)
