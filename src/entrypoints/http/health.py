"""`/health`: whether the process lives, and whether it can do its work."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from ...application.check_readiness import CheckReadiness
from . import problems
from .security import PUBLIC


class Health(msgspec.Struct, frozen=True):
    """How the service is."""

    status: str


@get("/health/live", opt=PUBLIC)
async def live() -> Health:
    """Answers as long as the process does."""
    return Health("ok")


@get("/health/ready", opt=PUBLIC)
async def ready(check: NamedDependency[CheckReadiness]) -> Response[Any]:
    """Answers 503 while the store is away, or messages lie around for too long."""
    readiness = await check()
    if readiness.fault is None:
        return Response(Health("ok"))
    return problems.answer(problems.unavailable(readiness.fault))
