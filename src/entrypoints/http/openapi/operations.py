"""The parts of an operation in the OpenAPI document: parameters, body and responses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Parameter, RequestBody

from ..problems import problem as problems
from ..problems.problem_kind import ProblemKind
from .schemas import schema_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litestar.openapi.spec import OpenAPIHeader

Content = dict[str, OpenAPIMediaType]

_ALWAYS = (401, 403, 429, 500)
"""The statuses of the problems that every operation may answer with."""


def operation(
    *,
    responses: Mapping[int, OpenAPIResponse],
    problem_statuses: Sequence[int],
    parameters: Sequence[Parameter] = (),
    body: Content | None = None,
) -> type[Operation]:
    """Returns a class for a handler's `operation_class`.

    Args:
        responses: The responses of the handler itself, by status.
        problem_statuses: The statuses of the operation's problems, besides those that every operation has.
        parameters: The parameters, besides those in the path.
        body: The content of the request's body; `None` if it has none.
    """
    own_parameters = parameters

    @dataclass
    class DocumentedOperation(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*(self.parameters or ()), *own_parameters] or None
            self.request_body = None if body is None else RequestBody(content=body, required=True)
            problem_responses = {status: _problem_response(status) for status in (*problem_statuses, *_ALWAYS)}
            self.responses = {str(status): shown for status, shown in {**responses, **problem_responses}.items()}

    return DocumentedOperation


def json_of(python_type: Any, **keywords: Any) -> Content:  # noqa: ANN401  # a union is not a `type`
    """Returns JSON as the content of a request or a response. The arguments are those of `schema_of`."""
    return {"application/json": OpenAPIMediaType(schema=schema_of(python_type, **keywords))}


def example_of(view: msgspec.Struct) -> dict[str, Any]:
    """Returns a view as clients see it, for the examples of its schema."""
    return msgspec.json.decode(msgspec.json.encode(view), type=dict[str, Any])


def response(
    description: str, content: Content | None = None, headers: Mapping[str, OpenAPIHeader] | None = None
) -> OpenAPIResponse:
    """Returns a response. Without content, its body is empty."""
    return OpenAPIResponse(description=description, content=content, headers=dict(headers or {}) or None)


def header(name: str, description: str) -> Parameter:
    """Returns an optional header of a request."""
    return Parameter(name=name, param_in="header", required=False, schema=schema_of(str), description=description)


def query_parameter(name: str, description: str, python_type: Any = str, **keywords: Any) -> Parameter:  # noqa: ANN401
    """Returns an optional query parameter."""
    schema = schema_of(python_type, **keywords)
    return Parameter(name=name, param_in="query", required=False, schema=schema, description=description)


def _problem_response(status: int) -> OpenAPIResponse:
    """Returns the response of a status, with an example of the first kind of problem that has it."""
    kinds = [kind for kind in ProblemKind if kind.status == status]
    content = {
        problems.MEDIA_TYPE: OpenAPIMediaType(
            schema=schema_of(problems.Problem), example=problems.example_of(kinds[0])
        )
    }
    return response(" ".join(kind.meaning for kind in kinds), content)
