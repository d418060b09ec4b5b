"""`/health`: whether the process lives, and whether it can do its work."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import HttpMethod, Response, route
from litestar.di import NamedDependency

from ...application.operations.check_readiness import CheckReadiness
from .problems import problem as problems
from .security import PUBLIC

# Some monitors ask by HEAD.
_METHODS = [HttpMethod.GET, HttpMethod.HEAD]


class Health(msgspec.Struct, frozen=True):
    """How the service is."""

    status: str


@route("/health/live", http_method=_METHODS, opt=PUBLIC)
async def live() -> Health:
    """Answers as long as the process does."""
    return Health("ok")


@route("/health/ready", http_method=_METHODS, opt=PUBLIC)
async def ready(check: NamedDependency[CheckReadiness]) -> Response[Any]:
    """Answers 503 while the store is away, or messages lie around for too long."""
    readiness = await check()
    if readiness.problem is None:
        return Response(Health("ok"))
    return problems.answer(problems.unavailable(readiness.problem))
