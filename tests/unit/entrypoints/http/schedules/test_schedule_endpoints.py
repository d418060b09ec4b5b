"""Schedules over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from postdate.domain.errors import StoreFullError, StoreUnavailableError
from postdate.entrypoints.api_keys import parse_api_keys
from tests.unit.entrypoints.http.problem import errors_of, problem_of
from tests.unit.entrypoints.http.service import SETTINGS, serving

if TYPE_CHECKING:
    from httpx import Response

    from tests.unit.entrypoints.http.service import Service

PATH = "/v1/schedules"
MORNINGS = {"cron": "0 9 * * 1-5", "timezone": "Europe/Kyiv", "body": "Good morning"}
UNKNOWN = f"{PATH}/0000000000000"
TICKS = {"cron": "* * * * *", "body": 1}


async def create(service: Service, document: object = MORNINGS) -> Response:
    return await service.client.post(PATH, json=document)


async def location_of(service: Service, document: object = MORNINGS) -> str:
    location: str = (await create(service, document)).headers["location"]
    return location


async def document_of(response: Response, status: HTTPStatus = HTTPStatus.OK) -> dict[str, Any]:
    assert response.status_code == status, response.text
    document: dict[str, Any] = response.json()
    return document


async def messages(service: Service) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await service.client.get("/v1/messages")).json()["items"]
    return items


# --- creating --------------------------------------------------------------------------------------------


async def test_a_created_schedule_is_returned_as_it_is_stored(service: Service) -> None:
    response = await create(service)
    schedule = await document_of(response, HTTPStatus.CREATED)
    location = response.headers["location"]
    assert await document_of(await service.client.get(location)) == schedule
    assert location == f"{PATH}/{schedule.pop('id')}"
    (occurrence,) = await messages(service)
    assert schedule.pop("next_message_id") == occurrence["id"]
    assert schedule == {
        "status": "active",
        "cron": "0 9 * * 1-5",
        "timezone": "Europe/Kyiv",
        "missed": "once",
        "starts_at": None,
        "ends_at": None,
        "next_at": "2026-01-01T07:00:00.000Z",
        "last_at": None,
        "to": "console",
        "body": "Good morning",
        "labels": [],
        "headers": {},
        "retry": {"attempts": 5, "backoff": "exponential", "base": "PT1S", "cap": "PT1H", "jitter": True},
        "expires_in": None,
        "created_at": "2026-01-01T00:00:00.000Z",
    }


async def test_every_field_of_a_schedule_is_stored_and_passed_to_its_messages(service: Service) -> None:
    document = {
        "cron": "30 0 9 * * *",
        "timezone": "Australia/Lord_Howe",
        "body": {"a": [1, None]},
        "to": "console:elsewhere",
        "missed": "all",
        "starts_at": {"local": "2026-02-01T09:00", "timezone": "Europe/Kyiv"},
        "ends_at": "2027-01-01T00:00:00Z",
        "expires_in": "PT2H",
        "retry": {"attempts": 2, "backoff": "fixed", "base": "PT1M", "cap": "PT1H", "jitter": False},
        "labels": ["cart-42"],
        "headers": {"x-a": "b"},
    }
    schedule = await document_of(await create(service, document), HTTPStatus.CREATED)
    shown = {**document, "starts_at": "2026-02-01T07:00:00.000Z", "ends_at": "2027-01-01T00:00:00.000Z"}
    assert {name: schedule[name] for name in shown} == shown
    (message,) = await messages(service)
    assert message["at"] == schedule["next_at"] == "2026-02-01T22:00:30.000Z"
    assert message["expires_at"] == "2026-02-02T00:00:30.000Z"
    assert message["schedule_id"] == schedule["id"]
    for name in ("body", "to", "retry", "labels", "headers"):
        assert message[name] == document[name]


async def test_a_schedule_without_a_time_zone_has_the_zone_of_the_service() -> None:
    async with serving(settings=replace(SETTINGS, timezone=ZoneInfo("Asia/Tokyo"))) as service:
        schedule = await document_of(await create(service, {"cron": "0 9 * * *", "body": 1}), HTTPStatus.CREATED)
    assert (schedule["timezone"], schedule["next_at"]) == ("Asia/Tokyo", "2026-01-02T00:00:00.000Z")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"cron": "0 9 * *"}, "$.cron"),
        ({"cron": "0 0 30 2 *"}, "$.cron"),
        ({"cron": ""}, "$.cron"),
        ({"cron": 9}, "$.cron"),
        ({"timezone": "Mars/Olympus"}, "$.timezone"),
        ({"timezone": ""}, "$.timezone"),
        ({"timezone": None}, "$.timezone"),
        ({"missed": "never"}, "$.missed"),
        ({"starts_at": "tomorrow"}, "$.starts_at"),
        ({"ends_at": {"local": "2026-02-30T00:00", "timezone": "UTC"}}, "$.ends_at.local"),
        ({"ends_at": {"local": "2026-02-20T00:00", "timezone": "X"}}, "$.ends_at.timezone"),
        ({"expires_in": "soon"}, "$.expires_in"),
        ({"expires_in": ""}, "$.expires_in"),
        ({"expires_in": "0s"}, "$.expires_in"),
        ({"retry": {"attempts": 0}}, "$.retry.attempts"),
        ({"labels": ["a", "a"]}, "$.labels[1]"),
        ({"headers": {"host": "x"}}, "$.headers"),
        ({"at": "2026-02-01T00:00:00Z"}, "$.at"),
    ],
)
async def test_an_error_in_a_new_schedule_names_its_path_and_nothing_is_created(
    service: Service, changes: dict[str, object], path: str
) -> None:
    response = await create(service, {**MORNINGS, **changes})
    assert list(errors_of(response)) == [path]
    assert await messages(service) == []


@pytest.mark.parametrize("missing", ["cron", "body"])
async def test_a_missing_field_is_named(service: Service, missing: str) -> None:
    response = await create(service, {name: value for name, value in MORNINGS.items() if name != missing})
    assert list(errors_of(response)) == [f"$.{missing}"]


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"to": "nowhere"}, "unknown-destination"),
        ({"ends_at": "2025-01-01T00:00:00Z"}, "no-occurrence"),
        ({"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-01-31T00:00:00Z"}, "no-occurrence"),
    ],
)
async def test_a_schedule_that_could_deliver_nothing_is_rejected(
    service: Service, changes: dict[str, object], slug: str
) -> None:
    problem = problem_of(await create(service, {**MORNINGS, **changes}), HTTPStatus.BAD_REQUEST)
    assert problem["type"].endswith(f"#{slug}")


async def test_a_body_over_the_limit_is_rejected(service: Service) -> None:
    problem_of(await create(service, {**MORNINGS, "body": "x" * 1001}), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (StoreUnavailableError("away"), HTTPStatus.SERVICE_UNAVAILABLE),
        (StoreFullError("full"), HTTPStatus.INSUFFICIENT_STORAGE),
    ],
)
async def test_an_error_of_the_store_is_a_problem(
    service: Service, trouble: Exception, status: HTTPStatus
) -> None:
    service.store.trouble = trouble
    problem_of(await create(service), status)
    problem_of(await service.client.get(PATH), status)


# --- finding ---------------------------------------------------------------------------------------------


async def test_schedules_are_listed_page_by_page(service: Service) -> None:
    schedules = [await document_of(await create(service), HTTPStatus.CREATED) for _ in range(3)]
    first = await document_of(await service.client.get(PATH, params={"limit": 2}))
    assert first["items"] == schedules[:2]
    second = await document_of(await service.client.get(PATH, params={"limit": 2, "cursor": first["next"]}))
    assert (second["items"], second["next"]) == (schedules[2:], None)


async def test_the_next_occurrences_are_previewed(service: Service) -> None:
    location = await location_of(service)
    preview = await document_of(await service.client.get(f"{location}/next", params={"count": 3}))
    assert preview == {
        "items": ["2026-01-01T07:00:00.000Z", "2026-01-02T07:00:00.000Z", "2026-01-05T07:00:00.000Z"]
    }
    assert len((await service.client.get(f"{location}/next")).json()["items"]) == 10


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("/next?count=0", "count"),
        ("/next?count=101", "count"),
        ("/next?count=x", "count"),
        ("/next?step=1", "step"),
    ],
)
async def test_an_invalid_parameter_is_named(service: Service, query: str, path: str) -> None:
    location = await location_of(service)
    assert list(errors_of(await service.client.get(location + query))) == [path]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "cursor=%00", "cursor=%C3%A9", "cursor=" + "x" * 21])
async def test_an_invalid_limit_or_cursor_is_rejected(service: Service, query: str) -> None:
    response = await service.client.get(f"{PATH}?{query}")
    assert list(errors_of(response)) == [query.partition("=")[0]]


# --- changing --------------------------------------------------------------------------------------------


async def test_an_edit_changes_the_fields_that_it_names(service: Service) -> None:
    location = await location_of(service)
    before = await document_of(await service.client.get(location))
    edited = await document_of(
        await service.client.patch(location, json={"cron": "30 9 * * *", "labels": ["a"], "expires_in": "PT1H"})
    )
    assert edited == await document_of(await service.client.get(location))
    changed = {name for name in edited if edited[name] != before[name]}
    assert changed == {"cron", "labels", "expires_in", "next_at", "next_message_id"}
    assert edited["next_at"] == "2026-01-01T07:30:00.000Z"


async def test_null_removes_an_optional_field(service: Service) -> None:
    document = {**MORNINGS, "starts_at": 1770000000000, "ends_at": 1780000000000, "expires_in": "1h"}
    location = await location_of(service, document)
    removed = {"starts_at": None, "ends_at": None, "expires_in": None}
    edited = await document_of(await service.client.patch(location, json=removed))
    assert {name: edited[name] for name in removed} == removed


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({}, "$"),
        ({"cron": "x"}, "$.cron"),
        ({"cron": None}, "$.cron"),
        ({"timezone": "X"}, "$.timezone"),
        ({"expires_in": "0s"}, "$.expires_in"),
        ({"next_at": 1}, "$.next_at"),
        ({"headers": {"webhook-id": "x"}}, "$.headers"),
    ],
)
async def test_an_error_in_an_edit_names_its_path_and_nothing_is_changed(
    service: Service, document: object, path: str
) -> None:
    location = await location_of(service)
    before = await document_of(await service.client.get(location))
    response = await service.client.patch(location, json=document)
    assert list(errors_of(response)) == [path]
    assert await document_of(await service.client.get(location)) == before


async def test_a_schedule_can_be_paused_and_resumed_twice_in_a_row(service: Service) -> None:
    location = await location_of(service, TICKS)
    for _ in range(2):
        paused = await document_of(await service.client.post(f"{location}/pause"))
        assert (paused["status"], paused["next_at"], paused["next_message_id"]) == ("paused", None, None)
    assert [message["status"] for message in await messages(service)] == ["cancelled"]
    service.clock.advance(timedelta(minutes=10))
    for _ in range(2):
        resumed = await document_of(await service.client.post(f"{location}/resume"))
        assert (resumed["status"], resumed["next_at"]) == ("active", "2026-01-01T00:11:00.000Z")


async def test_an_ended_schedule_cannot_be_paused_or_resumed(service: Service) -> None:
    location = await location_of(service, TICKS)
    ended = await document_of(await service.client.patch(location, json={"ends_at": "2026-01-01T00:00:00Z"}))
    assert (ended["status"], ended["next_at"]) == ("ended", None)
    assert await document_of(await service.client.get(f"{location}/next")) == {"items": []}
    for action in ("pause", "resume"):
        problem = problem_of(await service.client.post(f"{location}/{action}"), HTTPStatus.CONFLICT)
        assert problem["type"].endswith("#schedule-ended")


async def test_a_deleted_schedule_is_gone_and_its_waiting_message_is_cancelled(service: Service) -> None:
    location = await location_of(service)
    response = await service.client.delete(location)
    assert (response.status_code, response.content) == (HTTPStatus.NO_CONTENT, b"")
    problem_of(await service.client.get(location), HTTPStatus.NOT_FOUND)
    problem_of(await service.client.delete(location), HTTPStatus.NOT_FOUND)
    assert [message["status"] for message in await messages(service)] == ["cancelled"]


@pytest.mark.parametrize("path", [UNKNOWN, f"{PATH}/what", f"{PATH}/%00"])
@pytest.mark.parametrize(
    ("method", "rest"),
    [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/next"), ("POST", "/pause"), ("POST", "/resume")],
)
async def test_an_unknown_id_is_not_found(service: Service, path: str, method: str, rest: str) -> None:
    response = await service.client.request(method, path + rest, json={"body": 1} if method == "PATCH" else None)
    assert problem_of(response, HTTPStatus.NOT_FOUND)["type"].endswith("#schedule-not-found")


async def test_a_read_only_key_changes_nothing() -> None:
    reader = {"authorization": "Bearer reads"}
    async with serving(
        settings=replace(SETTINGS, api_keys=parse_api_keys("all:writes,some:reads:read"))
    ) as service:
        response = await service.client.post(PATH, json=TICKS, headers={"authorization": "Bearer writes"})
        location = response.headers["location"]
        assert (await service.client.get(location, headers=reader)).status_code == HTTPStatus.OK
        for method, path in (("POST", PATH), ("DELETE", location), ("POST", f"{location}/pause")):
            problem_of(await service.client.request(method, path, headers=reader), HTTPStatus.FORBIDDEN)
        problem_of(await service.client.get(PATH), HTTPStatus.UNAUTHORIZED)
