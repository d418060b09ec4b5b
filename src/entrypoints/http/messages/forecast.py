"""`GET /v1/forecast`: how many messages come due in each step of time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar import Request, get

from ....domain.errors import ForecastTooFineError
from ....domain.time.duration import format_duration
from ....domain.time.instant import to_rfc3339
from ..parsing.parameters import Parameters
from ..problems.request_errors import InvalidRequestError
from ..use_cases import use_cases_of
from .bulk_operations import ForecastOperation
from .forecast_views import ForecastStepView, ForecastView

DEFAULT_STEP, DEFAULT_HORIZON = timedelta(minutes=1), timedelta(hours=24)


@get("/v1/forecast", operation_class=ForecastOperation)
async def forecast(request: Request[Any, Any, Any]) -> ForecastView:
    """Counts the waiting messages by the time at which they come due."""
    parameters = Parameters(request, ("step", "horizon"))
    step = parameters.duration("step", DEFAULT_STEP)
    horizon = parameters.duration("horizon", DEFAULT_HORIZON)
    try:
        counted = await use_cases_of(request).forecast_messages(step, horizon)
    except ForecastTooFineError as error:
        raise InvalidRequestError("step", str(error)) from error
    return ForecastView(
        from_=to_rfc3339(counted.begins),
        step=format_duration(counted.step),
        items=[
            ForecastStepView(to_rfc3339(counted.begins + n * counted.step), count)
            for n, count in enumerate(counted.counts)
        ],
    )
