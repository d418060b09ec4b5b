from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from openapi_spec_validator import OpenAPIV31SpecValidator

if TYPE_CHECKING:
    from tests.unit.entrypoints.http.service import Service

OPERATIONS = {
    ("/echoAtTime", "post"),
    ("/v1/messages", "post"),
    ("/v1/messages", "get"),
    ("/v1/messages/cancel", "post"),
    ("/v1/messages/replay", "post"),
    ("/v1/forecast", "get"),
    ("/v1/events", "get"),
    ("/v1/messages/{message_id}", "get"),
    ("/v1/messages/{message_id}", "delete"),
    ("/v1/messages/{message_id}", "patch"),
    ("/v1/messages/{message_id}/deliver", "post"),
    ("/v1/messages/{message_id}/replay", "post"),
    ("/v1/messages/batch", "post"),
    ("/v1/schedules", "post"),
    ("/v1/schedules", "get"),
    ("/v1/schedules/{schedule_id}", "get"),
    ("/v1/schedules/{schedule_id}", "patch"),
    ("/v1/schedules/{schedule_id}", "delete"),
    ("/v1/schedules/{schedule_id}/next", "get"),
    ("/v1/schedules/{schedule_id}/pause", "post"),
    ("/v1/schedules/{schedule_id}/resume", "post"),
    ("/health/live", "get"),
    ("/health/live", "head"),
    ("/health/ready", "get"),
    ("/health/ready", "head"),
}


async def test_the_document_is_valid_openapi_3_1(service: Service) -> None:
    document = await _document(service)
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


async def test_the_document_lists_every_operation(service: Service) -> None:
    paths = (await _document(service))["paths"]
    listed = {(path, method) for path, item in paths.items() for method in item}
    assert listed == OPERATIONS


async def test_the_document_says_what_a_request_must_have(service: Service) -> None:
    operation = (await _document(service))["paths"]["/v1/messages"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["body"]
    assert {"body", "at", "in", "to", "expires_at", "retry", "labels", "key"} <= set(schema["properties"])
    assert {"200", "201", "400", "409", "413", "415", "429", "503"} <= set(operation["responses"])


async def _document(service: Service) -> dict[str, Any]:
    answer = await service.client.get("/openapi.json")
    assert answer.status_code == HTTPStatus.OK
    assert "json" in answer.headers["content-type"]
    document: dict[str, Any] = json.loads(answer.content)
    return document
