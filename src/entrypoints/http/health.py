"""`/health`: whether the process is alive, and whether it can do its work."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import HttpMethod, Request, Response, route

from .problems.problem import problem_of_kind
from .problems.problem_kind import ProblemKind
from .problems.problem_response import problem_response
from .security import PUBLIC
from .use_cases import use_cases_of

# Some monitors send HEAD.
_METHODS = [HttpMethod.GET, HttpMethod.HEAD]


class Health(msgspec.Struct, frozen=True):
    """The state of the service."""

    status: str


@route("/health/live", http_method=_METHODS, opt=PUBLIC)
async def live() -> Health:
    """Answers 200 as long as the process runs."""
    return Health("ok")


@route("/health/ready", http_method=_METHODS, opt=PUBLIC)
async def ready(request: Request[Any, Any, Any]) -> Response[Any]:
    """Answers 503 while the store does not answer or messages are overdue for too long."""
    readiness = await use_cases_of(request).check_readiness()
    if readiness.problem is None:
        return Response(Health("ok"))
    return problem_response(problem_of_kind(ProblemKind.UNAVAILABLE, readiness.problem))
