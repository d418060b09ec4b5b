"""What the OpenAPI document says beyond what Litestar sees in the handlers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Router, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
)

from . import problems
from .security import PUBLIC

_MEDIA_TYPE = "application/vnd.oai.openapi+json"
_TEXT = Schema(type=OpenAPIType.STRING)
_INTEGER = Schema(type=OpenAPIType.INTEGER)
_ANY = Schema(description="any JSON value")


def _object(required: list[str], **properties: Schema) -> Schema:
    return Schema(type=OpenAPIType.OBJECT, required=required, properties=dict(properties))


_FAILURE = _object(["at", "reason"], at=_TEXT, reason=_TEXT)
_MESSAGE = _object(
    ["id", "status", "at", "to", "body", "attempts", "due_at", "created_at", "ended_at", "failures"],
    id=_TEXT,
    status=Schema(
        type=OpenAPIType.STRING,
        enum=["scheduled", "delivering", "delivered", "dead", "cancelled", "expired"],
    ),
    at=_TEXT,
    to=_TEXT,
    body=_ANY,
    attempts=_INTEGER,
    due_at=_TEXT,
    created_at=_TEXT,
    ended_at=Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL]),
    failures=Schema(type=OpenAPIType.ARRAY, items=_FAILURE),
)
_FAULT = _object(["path", "detail"], path=_TEXT, detail=_TEXT)
_PROBLEM = _object(
    ["type", "title", "status", "detail"],
    type=_TEXT,
    title=_TEXT,
    status=_INTEGER,
    detail=_TEXT,
    errors=Schema(type=OpenAPIType.ARRAY, items=_FAULT),
)
_NEW_MESSAGE = Schema(
    type=OpenAPIType.OBJECT,
    required=["body"],
    additional_properties=False,
    properties={
        "body": _ANY,
        "at": Schema(type=[OpenAPIType.STRING, OpenAPIType.NUMBER], description="a time, or ms since 1970"),
        "in": Schema(type=OpenAPIType.STRING, description="a duration: 15m, PT1.5S"),
        "to": Schema(type=OpenAPIType.STRING, default="console", description="console, or a URL for a webhook"),
        "headers": Schema(type=OpenAPIType.OBJECT, additional_properties=_TEXT, description="for a webhook"),
    },
    examples=[{"body": {"cart": 42}, "at": "2026-12-24T18:00:00+01:00"}, {"body": "Hello", "in": "15m"}],
)
_ECHO = Schema(
    type=OpenAPIType.OBJECT,
    required=["time", "message"],
    properties={
        "time": Schema(type=[OpenAPIType.STRING, OpenAPIType.NUMBER], description="as JavaScript reads it"),
        "message": Schema(description="any JSON value but null and the empty string"),
    },
    examples=[{"time": "2026-12-24T18:00:00Z", "message": "Hello future!"}],
)


def _json(schema: Schema) -> dict[str, OpenAPIMediaType]:
    return {"application/json": OpenAPIMediaType(schema=schema)}


def _responses(
    *problem_statuses: int, **shown: tuple[str, dict[str, OpenAPIMediaType] | None]
) -> dict[str, OpenAPIResponse | Reference]:
    """Returns the answers of an operation: those named `s200`, and problems of the statuses given."""
    answers: dict[str, OpenAPIResponse | Reference] = {
        name.removeprefix("s"): OpenAPIResponse(description=description, content=content)
        for name, (description, content) in shown.items()
    }
    for status in (*problem_statuses, 401, 403):
        content = {problems.MEDIA_TYPE: OpenAPIMediaType(schema=_PROBLEM)}
        answers[str(status)] = OpenAPIResponse(description="A problem", content=content)
    return answers


@dataclass
class EchoOperation(Operation):
    """Of `POST /echoAtTime`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        self.request_body = RequestBody(content=_json(_ECHO), required=True)
        plain = {"text/plain": OpenAPIMediaType(schema=_TEXT)}
        shown = ("Scheduled", {**plain, **_json(_MESSAGE)})
        self.responses = _responses(413, 415, 503, 507, s200=shown, s400=("Not scheduled", plain))


@dataclass
class ScheduleOperation(Operation):
    """Of `POST /v1/messages`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        self.request_body = RequestBody(content=_json(_NEW_MESSAGE), required=True)
        self.responses = _responses(400, 413, 415, 503, 507, s201=("Scheduled", _json(_MESSAGE)))


@dataclass
class FindOperation(Operation):
    """Of `GET /v1/messages/{id}`."""

    def __post_init__(self) -> None:
        """Says what it answers."""
        self.responses = _responses(404, 503, s200=("The message", _json(_MESSAGE)))


@dataclass
class CancelOperation(Operation):
    """Of `DELETE /v1/messages/{id}`."""

    def __post_init__(self) -> None:
        """Says what it answers."""
        self.responses = _responses(404, 409, 503, s204=("Cancelled, now or before", None))


def openapi_config(version: str) -> OpenAPIConfig:
    """Returns the document's own part: title, version, and where it is served."""
    return OpenAPIConfig(
        title="Postdate",
        version=version,
        description="A durable, distributed message scheduler.",
        use_handler_docstrings=True,
        # At the root, Litestar's own page for what is not found there would stand before our problems.
        openapi_router=Router("/docs", route_handlers=[], include_in_schema=False, opt=PUBLIC),
        render_plugins=[JsonRenderPlugin(path="/")],
    )


@get("/openapi.json", opt=PUBLIC, include_in_schema=False, media_type=_MEDIA_TYPE)
async def openapi_document(request: Request[Any, Any, Any]) -> bytes:
    """Returns the document."""
    return msgspec.json.encode(request.app.openapi_schema.to_schema())
