from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from postdate.domain.messages.outcome import Failure
from postdate.entrypoints.http.openapi.schemas import schema_of, with_components
from postdate.entrypoints.http.parsing import limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.entrypoints.http.service import Service

COMPONENTS = "#/components/schemas/"
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
    document = await _document(service)
    operation = document["paths"]["/v1/messages"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["schema"]["$ref"] == f"{COMPONENTS}NewMessage"
    schema = document["components"]["schemas"]["NewMessage"]
    assert schema["required"] == ["body"]
    assert {"body", "at", "in", "to", "expires_at", "retry", "labels", "key"} <= set(schema["properties"])
    assert {"200", "201", "400", "409", "413", "415", "429", "503"} <= set(operation["responses"])


async def test_the_document_has_the_limits_that_the_service_enforces(service: Service) -> None:
    schemas = (await _document(service))["components"]["schemas"]
    for name in ("NewMessage", "MessagePatch", "NewSchedule", "SchedulePatch"):
        properties = schemas[name]["properties"]
        assert properties["to"]["maxLength"] == limits.MAX_DESTINATION_CHARS
        assert properties["labels"]["maxItems"] == limits.MAX_LABELS
        assert properties["labels"]["uniqueItems"]
        assert properties["labels"]["items"]["maxLength"] == limits.MAX_LABEL_CHARS
    assert schemas["NewMessage"]["properties"]["key"]["maxLength"] == limits.MAX_KEY_CHARS
    assert schemas["Retry"]["properties"]["attempts"]["maximum"] == limits.MAX_ATTEMPTS


async def test_the_structs_that_clients_see_are_named_components(service: Service) -> None:
    schemas = (await _document(service))["components"]["schemas"]
    assert {"Message", "ListedMessage", "NewMessage", "MessagePatch", "Schedule", "NewSchedule"} <= set(schemas)
    assert {"Problem", "Status", "Retry", "LocalTime"} <= set(schemas)
    assert not [name for name in schemas if name.endswith(("View", "Document"))]


async def test_every_example_is_valid(service: Service) -> None:
    document = await _document(service)
    examples = list(_examples_in(document))
    assert len(examples) > 20
    for schema, example in examples:
        OAS31Validator({**schema, "components": document["components"]}).validate(example)


def test_two_classes_of_the_same_name_are_an_error() -> None:
    first, second = (msgspec.defstruct("Twin", [(field, int)]) for field in ("left", "right"))
    paths = [schema_of(first).to_schema(), schema_of(second).to_schema()]
    with pytest.raises(ValueError, match="Twin"):
        with_components({"paths": paths, "components": {"schemas": {}}})


async def test_every_field_of_a_timeline_entry_is_in_the_document(service: Service) -> None:
    delivered = (await service.schedule({"body": 1})).headers["location"]
    await service.deliver()
    dead = (await service.schedule({"body": 1})).headers["location"]
    failure = Failure(at=service.clock.now(), reason="no")
    await service.settle(*(message.died(failure) for message in await service.claim()))
    timelines = [(await service.client.get(path)).json()["timeline"] for path in (delivered, dead)]
    fields = {field for timeline in timelines for entry in timeline for field in entry}
    assert fields == set((await _document(service))["components"]["schemas"]["TimelineEntry"]["properties"])


def _examples_in(part: object) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yields every example below a part of the document, with its schema."""
    if isinstance(part, list):
        for item in part:
            yield from _examples_in(item)
    elif isinstance(part, dict):
        if "example" in part and "schema" in part:
            yield part["schema"], part["example"]
        if isinstance(part.get("examples"), list):
            yield from ((part, example) for example in part["examples"])
        for value in part.values():
            yield from _examples_in(value)


async def _document(service: Service) -> dict[str, Any]:
    answer = await service.client.get("/openapi.json")
    assert answer.status_code == HTTPStatus.OK
    assert "json" in answer.headers["content-type"]
    document: dict[str, Any] = json.loads(answer.content)
    return document
