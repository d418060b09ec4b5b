"""`GET /v1/forecast`: how many messages come due when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Request, get

from ....domain.errors import ForecastTooFineError
from ....domain.time.duration import format_duration
from ....domain.time.instant import to_rfc3339
from ..parsing.parameters import Parameters
from ..problems.request_errors import InvalidRequestError
from ..use_cases import use_cases_of
from .bulk_operations import ForecastOperation

STEP, HORIZON = timedelta(minutes=1), timedelta(hours=24)


class ScheduleUpdate(msgspec.Struct, frozen=True):
    """When a step begins, and how many messages come due in it."""

    at: str
    count: int


class ForecastView(msgspec.Struct, frozen=True):
    """A forecast from the present on. What is overdue is in the first step."""

    from_: str = msgspec.field(name="from")
    step: str
    items: list[ScheduleUpdate]


@get("/v1/forecast", operation_class=ForecastOperation)
async def forecast(request: Request[Any, Any, Any]) -> ForecastView:
    """Counts the waiting messages by when they come due."""
    parameters = Parameters(request, ("step", "horizon"))
    step, horizon = parameters.duration("step", STEP), parameters.duration("horizon", HORIZON)
    try:
        seen = await use_cases_of(request).forecast_messages(step, horizon)
    except ForecastTooFineError as error:
        raise InvalidRequestError("step", str(error)) from error
    return ForecastView(
        from_=to_rfc3339(seen.begins),
        step=format_duration(seen.step),
        items=[
            ScheduleUpdate(to_rfc3339(seen.begins + n * seen.step), count) for n, count in enumerate(seen.counts)
        ],
    )
