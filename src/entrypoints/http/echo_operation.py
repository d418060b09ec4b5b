"""The OpenAPI operation of `POST /echoAtTime`."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar.openapi.spec import OpenAPIMediaType
from msgspec import Meta

from .messages.message_operations import MESSAGE
from .openapi.operations import json_of, operation, response
from .openapi.schemas import schema_of
from .problems.problem import MEDIA_TYPE, Problem


# The handler reads an `EchoRequest`, which accepts more: the handler answers errors with fixed texts of its own.
class EchoDocument(msgspec.Struct):
    """A time and a message to print then."""

    time: Annotated[str | int | float, Meta(description="a time as JavaScript reads it")]
    message: Annotated[Any, Meta(description="any JSON value but null and the empty string")]


def _plain(example: str) -> dict[str, OpenAPIMediaType]:
    return {"text/plain": OpenAPIMediaType(schema=schema_of(str), example=example)}


EchoOperation = operation(
    body=json_of(EchoDocument, examples=[{"time": "2026-12-24T18:00:00Z", "message": "Hello future!"}]),
    responses={
        200: response("Scheduled", {**_plain("Message scheduled successfully"), **MESSAGE}),
        400: response(
            "Not scheduled",
            {**_plain("Missing time or message"), MEDIA_TYPE: OpenAPIMediaType(schema=schema_of(Problem))},
        ),
    },
    problem_statuses=[413, 415, 503, 507],
)
