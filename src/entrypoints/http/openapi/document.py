"""What the OpenAPI document says beyond what Litestar sees in the handlers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Router, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)

from ..problems import problem as problems
from ..problems.problem_kind import ProblemKind
from ..security import PUBLIC
from .schemas import BATCH_RESULT, ECHO, MESSAGE, MESSAGE_PATCH, NEW_MESSAGE, NEW_MESSAGES, PROBLEM, TEXT

_MEDIA_TYPE = "application/vnd.oai.openapi+json"
_ALWAYS = (401, 403, 429, 500)


def json_of(schema: Schema) -> dict[str, OpenAPIMediaType]:
    """Returns JSON of a schema, as the content of a request or an answer."""
    return {"application/json": OpenAPIMediaType(schema=schema)}


def _header(name: str, description: str) -> Parameter:
    return Parameter(name=name, param_in="header", required=False, schema=TEXT, description=description)


_ETAG = {"ETag": OpenAPIHeader(schema=TEXT, description="the entity tag of this state of the message")}
_IF_MATCH = _header("If-Match", "entity tags, one of which the message must have; or *")
_IF_NONE_MATCH = _header("If-None-Match", "entity tags that the client has already")
_IDEMPOTENCY_KEY = _header("Idempotency-Key", "as `key` in the document")


def responses_of(
    *problem_statuses: int, **shown: tuple[str, dict[str, OpenAPIMediaType] | None]
) -> dict[str, OpenAPIResponse | Reference]:
    """Returns the answers of an operation: those named `s200`, and problems of the statuses given."""
    answers: dict[str, OpenAPIResponse | Reference] = {}
    for name, (description, content) in shown.items():
        headers: Any = _ETAG if content == json_of(MESSAGE) else None
        answers[name.removeprefix("s")] = OpenAPIResponse(
            description=description, content=content, headers=headers
        )
    for status in (*problem_statuses, *_ALWAYS):
        answers[str(status)] = _problem_response(status)
    return answers


def _problem_response(status: int) -> OpenAPIResponse:
    """Returns the answer of a status, with an example of each kind of problem that has it."""
    kinds = [kind for kind in ProblemKind if kind.status == status]
    example = problems.example_of(kinds[0])
    content = {problems.MEDIA_TYPE: OpenAPIMediaType(schema=PROBLEM, example=example)}
    return OpenAPIResponse(description=" ".join(kind.meaning for kind in kinds), content=content)


@dataclass
class EchoOperation(Operation):
    """Of `POST /echoAtTime`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        self.request_body = RequestBody(content=json_of(ECHO), required=True)
        plain = {"text/plain": OpenAPIMediaType(schema=TEXT, example="Missing time or message")}
        problem = {problems.MEDIA_TYPE: OpenAPIMediaType(schema=PROBLEM)}
        shown = ("Scheduled", {**plain, **json_of(MESSAGE)})
        self.responses = responses_of(413, 415, 503, 507, s200=shown, s400=("Not scheduled", {**plain, **problem}))


@dataclass
class ScheduleOperation(Operation):
    """Of `POST /v1/messages`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        self.parameters = [_IDEMPOTENCY_KEY]
        self.request_body = RequestBody(content=json_of(NEW_MESSAGE), required=True)
        repeated = ("The first message of this key, as it is now", json_of(MESSAGE))
        self.responses = responses_of(
            400, 409, 410, 413, 415, 503, 507, s201=("Scheduled", json_of(MESSAGE)), s200=repeated
        )


@dataclass
class BatchOperation(Operation):
    """Of `POST /v1/messages/batch`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        lines = {"application/x-ndjson": OpenAPIMediaType(schema=TEXT, example='{"body": 1}\n{"body": 2}\n')}
        self.request_body = RequestBody(content={**json_of(NEW_MESSAGES), **lines}, required=True)
        self.responses = responses_of(
            400, 413, 415, 503, s200=("What became of each, in order", json_of(BATCH_RESULT))
        )


@dataclass
class FindOperation(Operation):
    """Of `GET /v1/messages/{id}`."""

    def __post_init__(self) -> None:
        """Says what it answers."""
        self.parameters = [*(self.parameters or ()), _IF_NONE_MATCH]
        self.responses = responses_of(
            404, 503, s200=("The message", json_of(MESSAGE)), s304=("The client has it already", None)
        )


@dataclass
class EditOperation(Operation):
    """Of `PATCH /v1/messages/{id}`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        self.parameters = [*(self.parameters or ()), _IF_MATCH]
        self.request_body = RequestBody(content=json_of(MESSAGE_PATCH), required=True)
        self.responses = responses_of(
            400, 404, 409, 412, 413, 415, 503, s200=("The message as it is now", json_of(MESSAGE))
        )


@dataclass
class CancelOperation(Operation):
    """Of `DELETE /v1/messages/{id}`."""

    def __post_init__(self) -> None:
        """Says what it answers."""
        self.responses = responses_of(404, 409, 503, s204=("Cancelled, now or before", None))


@dataclass
class DeliverOperation(Operation):
    """Of `POST /v1/messages/{id}/deliver`."""

    def __post_init__(self) -> None:
        """Says what it answers."""
        self.responses = responses_of(404, 409, 503, s202=("The message, due now", json_of(MESSAGE)))


@dataclass
class ReplayOperation(Operation):
    """Of `POST /v1/messages/{id}/replay`."""

    def __post_init__(self) -> None:
        """Says what it answers."""
        self.responses = responses_of(404, 409, 503, s202=("The message, due again", json_of(MESSAGE)))


def openapi_config(version: str) -> OpenAPIConfig:
    """Returns the document's own part: title, version, and where it is served."""
    return OpenAPIConfig(
        title="Postdate",
        version=version,
        description="A durable, distributed message scheduler.",
        use_handler_docstrings=True,
        # At the root, Litestar's own page for what is not found there would stand before our problems.
        openapi_router=Router("/openapi", route_handlers=[], include_in_schema=False, opt=PUBLIC),
        render_plugins=[JsonRenderPlugin(path="/")],
        security=[{"key": []}, {}],
        components=Components(
            security_schemes={
                "key": SecurityScheme(type="http", scheme="bearer", description="an API key's secret")
            }
        ),
    )


@get("/openapi.json", opt=PUBLIC, include_in_schema=False, media_type=_MEDIA_TYPE)
async def openapi_document(request: Request[Any, Any, Any]) -> bytes:
    """Returns the document."""
    return msgspec.json.encode(request.app.openapi_schema.to_schema())
