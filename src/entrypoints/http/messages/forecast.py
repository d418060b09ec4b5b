"""`GET /v1/forecast`: how many messages come due when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency

from ....domain.errors import ForecastTooFineError
from ....domain.time.duration import format_duration
from ....domain.time.instant import to_rfc3339
from ..overview import Overview
from ..parsing.parameters import Parameters
from ..problems.request_errors import InvalidRequestError
from .bulk_operations import ForecastOperation
from .forecast_views import ForecastStepView, ForecastView

STEP, HORIZON = timedelta(minutes=1), timedelta(hours=24)


@get("/v1/forecast", operation_class=ForecastOperation)
async def forecast(request: Request[Any, Any, Any], overview: NamedDependency[Overview]) -> ForecastView:
    """Counts the waiting messages by when they come due."""
    parameters = Parameters(request, ("step", "horizon"))
    step, horizon = parameters.duration("step", STEP), parameters.duration("horizon", HORIZON)
    try:
        seen = await overview.forecast(step, horizon)
    except ForecastTooFineError as error:
        raise InvalidRequestError("step", str(error)) from error
    return ForecastView(
        from_=to_rfc3339(seen.begins),
        step=format_duration(seen.step),
        items=[
            ForecastStepView(to_rfc3339(seen.begins + n * seen.step), count) for n, count in enumerate(seen.counts)
        ],
    )
