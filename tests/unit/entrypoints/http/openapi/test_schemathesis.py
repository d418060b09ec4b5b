"""What the OpenAPI document promises, held against the service by requests that are made from it."""

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
"""About how many are made. More find more, and take longer."""
A_SERVICE = 10
WITHOUT_END = {"/v1/events"}
"""Their answers go on for ever; `test_live` reads as much of them as it wants."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


async def _document() -> dict[str, Any]:
    async with serving() as service:
        document: dict[str, Any] = (await service.client.get("/openapi.json")).json()
        return document


OPERATIONS = [
    found.ok()
    for found in schemathesis.openapi.from_dict(anyio.run(_document)).get_all_operations()
    if isinstance(found, Ok) and found.ok().path not in WITHOUT_END
]
assert len(OPERATIONS) >= 12
# Requests as the document wants them, and others; for what is there, and for one that hardly is.
cases = st.one_of(
    *(operation.as_strategy(mode) for operation in OPERATIONS for mode in schemathesis.GenerationMode)
)


@settings(
    deadline=None,
    max_examples=REQUESTS // A_SERVICE,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(asked=st.lists(st.tuples(cases, st.booleans()), min_size=A_SERVICE, max_size=A_SERVICE))
def test_every_answer_is_one_that_the_document_promises(asked: list[tuple[Case[Any], bool]]) -> None:
    for case, answer in anyio.run(_answers, asked):
        case.validate_response(answer, checks=CHECKS)


async def _answers(asked: list[tuple[Case[Any], bool]]) -> list[tuple[Case[Any], Response]]:
    async with serving() as service:
        schedule = await service.client.post("/v1/schedules", json={"cron": "* * * * *", "body": 1})
        there = {
            "message_id": (await service.schedule({"body": 1, "in": "1h"})).json()["id"],
            "schedule_id": schedule.json()["id"],
        }
        answers = []
        for case, of_one_that_is_there in asked:
            if of_one_that_is_there:
                case.path_parameters.update({name: there[name] for name in case.path_parameters})
            answers.append((case, await _answer(service, case)))
        return answers


async def _answer(service: Service, case: Case[Any]) -> Response:
    request = case.as_transport_kwargs(base_url=str(service.client.base_url))
    content = request.pop("data", None)
    if content is not None:
        request["content"] = content
    request["cookies"] = None
    return await service.client.request(**request)
