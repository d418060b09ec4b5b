"""The OpenAPI operation of a batch."""

from __future__ import annotations

from litestar.openapi.spec import OpenAPIMediaType

from ...openapi.operations import json_of, operation, response
from ...openapi.schemas import schema_of
from ...parsing.limits import MAX_ARRAY_ITEMS
from ..message_documents import NewMessage
from ..message_operations import NEW_MESSAGE_EXAMPLES
from .batch_views import BatchResultsView

BatchOperation = operation(
    body={
        **json_of(list[NewMessage], examples=[NEW_MESSAGE_EXAMPLES], maxItems=MAX_ARRAY_ITEMS),
        "application/x-ndjson": OpenAPIMediaType(schema=schema_of(str), example='{"body": 1}\n{"body": 2}\n'),
    },
    responses={
        200: response(
            "The result of each message, in order",
            json_of(
                BatchResultsView,
                examples=[
                    {"accepted": 2, "rejected": 0, "results": [{"id": "3palmScAVht0"}, {"id": "3palmScAVhu0"}]}
                ],
            ),
        )
    },
    problem_statuses=[400, 413, 415, 503],
)
