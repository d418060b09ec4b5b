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
from tests.unit.entrypoints.http.problem import faults_of, problem_of
from tests.unit.entrypoints.http.service import SETTINGS, serving

if TYPE_CHECKING:
    from httpx import Response

    from tests.unit.entrypoints.http.service import Service

PATH = "/v1/schedules"
MORNINGS = {"cron": "0 9 * * 1-5", "timezone": "Europe/Kyiv", "body": "Good morning"}
NOBODY = f"{PATH}/0000000000000"
TICKS = {"cron": "* * * * *", "body": 1}


async def made(service: Service, document: object = MORNINGS) -> Response:
    return await service.client.post(PATH, json=document)


async def location_of(service: Service, document: object = MORNINGS) -> str:
    location: str = (await made(service, document)).headers["location"]
    return location


async def answered(response: Response, status: HTTPStatus = HTTPStatus.OK) -> dict[str, Any]:
    assert response.status_code == status, response.text
    document: dict[str, Any] = response.json()
    return document


async def messages(service: Service) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await service.client.get("/v1/messages")).json()["items"]
    return items


# --- making ----------------------------------------------------------------------------------------------


async def test_a_schedule_is_made_and_answered_as_it_is_kept(service: Service) -> None:
    answer = await made(service)
    schedule = await answered(answer, HTTPStatus.CREATED)
    location = answer.headers["location"]
    assert await answered(await service.client.get(location)) == schedule
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


async def test_everything_that_it_may_have_is_kept_and_given_to_its_messages(service: Service) -> None:
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
    schedule = await answered(await made(service, document), HTTPStatus.CREATED)
    shown = {**document, "starts_at": "2026-02-01T07:00:00.000Z", "ends_at": "2027-01-01T00:00:00.000Z"}
    assert {name: schedule[name] for name in shown} == shown
    (message,) = await messages(service)
    assert message["at"] == schedule["next_at"] == "2026-02-01T22:00:30.000Z"
    assert message["expires_at"] == "2026-02-02T00:00:30.000Z"
    assert message["schedule_id"] == schedule["id"]
    for name in ("body", "to", "retry", "labels", "headers"):
        assert message[name] == document[name]


async def test_a_schedule_that_names_no_zone_goes_by_the_one_of_the_service() -> None:
    async with serving(settings=replace(SETTINGS, timezone=ZoneInfo("Asia/Tokyo"))) as service:
        schedule = await answered(await made(service, {"cron": "0 9 * * *", "body": 1}), HTTPStatus.CREATED)
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
async def test_a_fault_is_named_with_its_place_and_nothing_is_made(
    service: Service, changes: dict[str, object], path: str
) -> None:
    answer = await made(service, {**MORNINGS, **changes})
    assert list(faults_of(answer)) == [path]
    assert await messages(service) == []


@pytest.mark.parametrize("missing", ["cron", "body"])
async def test_what_is_missing_is_named(service: Service, missing: str) -> None:
    answer = await made(service, {name: value for name, value in MORNINGS.items() if name != missing})
    assert list(faults_of(answer)) == [f"$.{missing}"]


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"to": "nowhere"}, "unknown-destination"),
        ({"ends_at": "2025-01-01T00:00:00Z"}, "no-occurrence"),
        ({"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-01-31T00:00:00Z"}, "no-occurrence"),
    ],
)
async def test_what_could_never_be_delivered_is_refused(
    service: Service, changes: dict[str, object], slug: str
) -> None:
    problem = problem_of(await made(service, {**MORNINGS, **changes}), HTTPStatus.BAD_REQUEST)
    assert problem["type"].endswith(f"#{slug}")


async def test_a_body_that_is_too_long_is_refused(service: Service) -> None:
    problem_of(await made(service, {**MORNINGS, "body": "x" * 1001}), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (StoreUnavailableError("away"), HTTPStatus.SERVICE_UNAVAILABLE),
        (StoreFullError("full"), HTTPStatus.INSUFFICIENT_STORAGE),
    ],
)
async def test_trouble_of_the_store_is_told(service: Service, trouble: Exception, status: HTTPStatus) -> None:
    service.store.trouble = trouble
    problem_of(await made(service), status)
    problem_of(await service.client.get(PATH), status)


# --- looking ---------------------------------------------------------------------------------------------


async def test_schedules_are_listed_page_by_page(service: Service) -> None:
    made_ones = [await answered(await made(service), HTTPStatus.CREATED) for _ in range(3)]
    first = await answered(await service.client.get(PATH, params={"limit": 2}))
    assert first["items"] == made_ones[:2]
    second = await answered(await service.client.get(PATH, params={"limit": 2, "cursor": first["next"]}))
    assert (second["items"], second["next"]) == (made_ones[2:], None)


async def test_the_next_occurrences_are_told(service: Service) -> None:
    location = await location_of(service)
    ahead = await answered(await service.client.get(f"{location}/next", params={"count": 3}))
    assert ahead == {"items": ["2026-01-01T07:00:00.000Z", "2026-01-02T07:00:00.000Z", "2026-01-05T07:00:00.000Z"]}
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
async def test_a_wrong_parameter_is_named(service: Service, query: str, path: str) -> None:
    location = await location_of(service)
    assert list(faults_of(await service.client.get(location + query))) == [path]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "cursor=%00", "cursor=%C3%A9", "cursor=" + "x" * 21])
async def test_a_wrong_page_is_refused(service: Service, query: str) -> None:
    answer = await service.client.get(f"{PATH}?{query}")
    assert list(faults_of(answer)) == [query.partition("=")[0]]


# --- changing --------------------------------------------------------------------------------------------


async def test_an_edit_changes_what_it_names(service: Service) -> None:
    location = await location_of(service)
    before = await answered(await service.client.get(location))
    edited = await answered(
        await service.client.patch(location, json={"cron": "30 9 * * *", "labels": ["a"], "expires_in": "PT1H"})
    )
    assert edited == await answered(await service.client.get(location))
    changed = {name for name in edited if edited[name] != before[name]}
    assert changed == {"cron", "labels", "expires_in", "next_at", "next_message_id"}
    assert edited["next_at"] == "2026-01-01T07:30:00.000Z"


async def test_what_may_be_missing_is_taken_away_by_null(service: Service) -> None:
    document = {**MORNINGS, "starts_at": 1770000000000, "ends_at": 1780000000000, "expires_in": "1h"}
    location = await location_of(service, document)
    nothing = {"starts_at": None, "ends_at": None, "expires_in": None}
    edited = await answered(await service.client.patch(location, json=nothing))
    assert {name: edited[name] for name in nothing} == nothing


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
async def test_a_fault_of_an_edit_is_named_and_nothing_is_changed(
    service: Service, document: object, path: str
) -> None:
    location = await location_of(service)
    before = await answered(await service.client.get(location))
    answer = await service.client.patch(location, json=document)
    assert list(faults_of(answer)) == [path]
    assert await answered(await service.client.get(location)) == before


async def test_a_schedule_pauses_and_resumes(service: Service) -> None:
    location = await location_of(service, TICKS)
    for _ in range(2):
        paused = await answered(await service.client.post(f"{location}/pause"))
        assert (paused["status"], paused["next_at"], paused["next_message_id"]) == ("paused", None, None)
    assert [message["status"] for message in await messages(service)] == ["cancelled"]
    service.clock.advance(timedelta(minutes=10))
    for _ in range(2):
        resumed = await answered(await service.client.post(f"{location}/resume"))
        assert (resumed["status"], resumed["next_at"]) == ("active", "2026-01-01T00:11:00.000Z")


async def test_one_that_has_ended_says_so(service: Service) -> None:
    location = await location_of(service, TICKS)
    ended = await answered(await service.client.patch(location, json={"ends_at": "2026-01-01T00:00:00Z"}))
    assert (ended["status"], ended["next_at"]) == ("ended", None)
    assert await answered(await service.client.get(f"{location}/next")) == {"items": []}
    for action in ("pause", "resume"):
        problem = problem_of(await service.client.post(f"{location}/{action}"), HTTPStatus.CONFLICT)
        assert problem["type"].endswith("#schedule-ended")


async def test_a_deleted_one_is_gone_with_what_waits(service: Service) -> None:
    location = await location_of(service)
    answer = await service.client.delete(location)
    assert (answer.status_code, answer.content) == (HTTPStatus.NO_CONTENT, b"")
    problem_of(await service.client.get(location), HTTPStatus.NOT_FOUND)
    problem_of(await service.client.delete(location), HTTPStatus.NOT_FOUND)
    assert [message["status"] for message in await messages(service)] == ["cancelled"]


@pytest.mark.parametrize("path", [NOBODY, f"{PATH}/what", f"{PATH}/%00"])
@pytest.mark.parametrize(
    ("method", "rest"),
    [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/next"), ("POST", "/pause"), ("POST", "/resume")],
)
async def test_there_has_to_be_one_of_that_id(service: Service, path: str, method: str, rest: str) -> None:
    answer = await service.client.request(method, path + rest, json={"body": 1} if method == "PATCH" else None)
    assert problem_of(answer, HTTPStatus.NOT_FOUND)["type"].endswith("#schedule-not-found")


async def test_a_key_that_may_only_read_changes_nothing() -> None:
    reader = {"authorization": "Bearer reads"}
    async with serving(
        settings=replace(SETTINGS, api_keys=parse_api_keys("all:writes,some:reads:read"))
    ) as service:
        answer = await service.client.post(PATH, json=TICKS, headers={"authorization": "Bearer writes"})
        location = answer.headers["location"]
        assert (await service.client.get(location, headers=reader)).status_code == HTTPStatus.OK
        for method, path in (("POST", PATH), ("DELETE", location), ("POST", f"{location}/pause")):
            problem_of(await service.client.request(method, path, headers=reader), HTTPStatus.FORBIDDEN)
        problem_of(await service.client.get(PATH), HTTPStatus.UNAUTHORIZED)
