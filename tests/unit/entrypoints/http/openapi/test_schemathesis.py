"""Checks the service against its OpenAPI document, with requests that are generated from the document."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import anyio
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.unit.entrypoints.http.service import Service, serving

if TYPE_CHECKING:
    from httpx import Response
    from schemathesis import Case

REQUESTS = int(os.environ.get("POSTDATE_TEST_REQUESTS", "200"))
"""About how many requests are sent."""
REQUESTS_PER_SERVICE = 10
ENDLESS = {"/v1/events"}
"""Paths whose responses never end. `test_event_stream.py` reads parts of them."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


async def _document() -> dict[str, Any]:
    async with serving() as service:
        document: dict[str, Any] = (await service.client.get("/openapi.json")).json()
        return document


OPERATIONS = [
    found.ok()
    for found in schemathesis.openapi.from_dict(anyio.run(_document)).get_all_operations()
    if isinstance(found, Ok) and found.ok().path not in ENDLESS
]
assert len(OPERATIONS) >= 24
# Valid requests and invalid ones, for ids that exist and for random ones.
cases = st.one_of(
    *(operation.as_strategy(mode) for operation in OPERATIONS for mode in schemathesis.GenerationMode)
)


@settings(
    deadline=None,
    max_examples=REQUESTS // REQUESTS_PER_SERVICE,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(
    asked=st.lists(st.tuples(cases, st.booleans()), min_size=REQUESTS_PER_SERVICE, max_size=REQUESTS_PER_SERVICE)
)
def test_every_response_is_in_the_document(asked: list[tuple[Case[Any], bool]]) -> None:
    for case, response in anyio.run(_responses, asked):
        case.validate_response(response, checks=CHECKS)


async def _responses(asked: list[tuple[Case[Any], bool]]) -> list[tuple[Case[Any], Response]]:
    async with serving() as service:
        schedule = await service.client.post("/v1/schedules", json={"cron": "* * * * *", "body": 1})
        existing = {
            "message_id": (await service.schedule({"body": 1, "in": "1h"})).json()["id"],
            "schedule_id": schedule.json()["id"],
        }
        responses = []
        for case, of_existing in asked:
            if of_existing:
                case.path_parameters.update({name: existing[name] for name in case.path_parameters})
            responses.append((case, await _response(service, case)))
        return responses


async def _response(service: Service, case: Case[Any]) -> Response:
    request = case.as_transport_kwargs(base_url=str(service.client.base_url))
    content = request.pop("data", None)
    if content is not None:
        request["content"] = content
    request["cookies"] = None
    return await service.client.request(**request)
