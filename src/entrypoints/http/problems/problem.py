"""The problem details of RFC 9457: what a client receives instead of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from .problem_kind import ProblemKind

if TYPE_CHECKING:
    from .problem_kind import ProblemKind

MEDIA_TYPE = "application/problem+json"


class FieldError(msgspec.Struct, frozen=True):
    """An error in a request: its JSON path and what is wrong there."""

    path: str
    detail: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Problem details: the kind of the problem, and what is wrong this time."""

    type: Annotated[str, msgspec.Meta(extra_json_schema={"format": "uri-reference"})]
    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()


def problem_of_kind(kind: ProblemKind, detail: str, errors: tuple[FieldError, ...] = ()) -> Problem:
    """Returns a problem of a kind."""
    return Problem(type=kind.type, title=kind.title, status=kind.status.value, detail=detail, errors=errors)


def example_of(kind: ProblemKind) -> dict[str, Any]:
    """Returns a problem of a kind as the OpenAPI document shows it."""
    example: dict[str, Any] = msgspec.to_builtins(problem_of_kind(kind, kind.meaning))
    return example
