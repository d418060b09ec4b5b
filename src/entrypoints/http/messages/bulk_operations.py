"""The OpenAPI operations that look at many messages at once."""

from __future__ import annotations

from ..openapi.operations import json_of, operation, query_parameter, response
from ..openapi.parameters import CURSOR, FILTER_PARAMETERS, whole_number
from ..parsing.parameters import PAGE_SIZE
from .bulk_documents import BulkRequest, BulkResultView
from .forecast_views import ForecastView
from .message_operations import LISTED_MESSAGE_EXAMPLE
from .message_views import MessageListView

ListOperation = operation(
    parameters=[*FILTER_PARAMETERS, whole_number(PAGE_SIZE), CURSOR],
    responses={
        200: response(
            "A page in due order. It is short or even empty where many stored messages do not match",
            json_of(MessageListView, examples=[{"items": [LISTED_MESSAGE_EXAMPLE], "next": None}]),
        )
    },
    problem_statuses=[400, 503],
)

_BULK = json_of(BulkRequest, examples=[{"label": "cart-42"}, {"all": True, "dry_run": True}])
_BULK_RESULT = {200: response("How many messages matched and were changed", json_of(BulkResultView))}

CancelManyOperation = operation(body=_BULK, responses=_BULK_RESULT, problem_statuses=[400, 413, 415, 503])

ReplayManyOperation = operation(body=_BULK, responses=_BULK_RESULT, problem_statuses=[400, 413, 415, 503])

ForecastOperation = operation(
    parameters=[
        query_parameter("step", "the length of a step, such as 1m"),
        query_parameter("horizon", "how far ahead to look, such as 24h"),
    ],
    responses={200: response("How many messages come due in each step", json_of(ForecastView))},
    problem_statuses=[400, 503],
)
