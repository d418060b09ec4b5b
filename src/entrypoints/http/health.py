"""`/health`: whether the process lives, and whether it can do its work."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import HttpMethod, Request, Response, route

from .problems import problem as problems
from .security import PUBLIC
from .use_cases import use_cases_of

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
async def ready(request: Request[Any, Any, Any]) -> Response[Any]:
    """Answers 503 while the store is away, or messages lie around for too long."""
    readiness = await use_cases_of(request).check_readiness()
    if readiness.fault is None:
        return Response(Health("ok"))
    return problems.answer(problems.unavailable(readiness.fault))
