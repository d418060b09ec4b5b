from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from postdate.domain.errors import StoreFullError, StoreUnavailableError
from postdate.domain.time.instant import to_ms
from tests.unit.entrypoints.http.problem import errors_of, problem_of
from tests.unit.entrypoints.http.service import SETTINGS, serving

if TYPE_CHECKING:
    from tests.unit.entrypoints.http.service import Service

SCHEDULED = "Message scheduled successfully"
MISSING = "Missing time or message"
INVALID = "Invalid time format"

TIME = "2036-04-23T13:22:08Z"
JSON = {"accept": "application/json"}
PLAIN = {"accept": "text/plain"}

CASES: list[dict[str, object]] = json.loads(
    (Path(__file__).parents[2] / "domain" / "time" / "js_date_cases.json").read_text("utf-8")
)

UNREADABLE_TIMES = [
    *(True, False, [], {}, [1767225600000], {"time": 1}),
    *(-1, -1767225600000, 10**17),
    *("2026-02-30", "2026-02-30T00:00:00Z", "30 February 2026", "tomorrow", " ", "-1", "NaN", "1e12"),
]


async def test_the_answer_to_an_accepted_message_has_the_original_text(service: Service) -> None:
    response = await service.echo({"time": TIME, "message": "Hello future!"})
    assert response.status_code == HTTPStatus.OK
    assert response.headers["content-type"].startswith("text/plain")
    assert response.text == SCHEDULED


async def test_an_accepted_message_is_stored_for_the_console_at_its_time(service: Service) -> None:
    await service.echo({"time": TIME, "message": "Hello future!"})
    (message,) = await service.stored()
    assert message.body == b'"Hello future!"'
    assert message.to == "console"
    assert message.at == datetime(2036, 4, 23, 13, 22, 8, tzinfo=UTC)


async def test_the_location_is_the_path_of_the_message(service: Service) -> None:
    response = await service.echo({"time": TIME, "message": "Hello"})
    found = await service.client.get(response.headers["location"])
    assert found.status_code == HTTPStatus.OK
    assert found.json()["body"] == "Hello"
    assert response.headers["location"] == f"/v1/messages/{found.json()['id']}"


async def test_a_client_that_accepts_json_receives_the_message(service: Service) -> None:
    response = await service.echo({"time": TIME, "message": {"cart": 42}}, **JSON)
    assert response.status_code == HTTPStatus.OK
    assert response.headers["content-type"] == "application/json"
    assert response.headers["location"] == f"/v1/messages/{response.json()['id']}"
    assert response.json()["body"] == {"cart": 42}
    assert response.json()["at"] == "2036-04-23T13:22:08.000Z"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "text/plain"),
        ("text/html", "text/plain"),
        ("text/plain", "text/plain"),
        ("image/png;;q=x,,", "text/plain"),
        ("application/json;q=0.1, text/plain", "text/plain"),
        ("text/plain;q=0.1, application/json", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
    ],
)
async def test_the_accept_header_chooses_between_text_and_json(
    service: Service, accept: str, media_type: str
) -> None:
    response = await service.echo({"time": TIME, "message": "x"}, accept=accept)
    assert response.status_code == HTTPStatus.OK
    assert response.headers["content-type"].startswith(media_type)


@pytest.mark.parametrize("message", [False, True, 0, -0.5, [], {}, " ", "null", [None], {"a": None}])
async def test_any_json_value_but_null_and_the_empty_string_is_a_message(
    service: Service, message: object
) -> None:
    response = await service.echo({"time": TIME, "message": message})
    assert response.text == SCHEDULED
    assert [json.loads(stored.body) for stored in await service.stored()] == [message]


@pytest.mark.parametrize(
    "document",
    [
        {"time": TIME},
        {"time": TIME, "message": None},
        {"time": TIME, "message": ""},
        {"message": "x"},
        {"time": None, "message": "x"},
        {"time": "", "message": "x"},
        {"Time": TIME, "Message": "x"},
        {},
        [],
        [{"time": TIME, "message": "x"}],
        None,
        "x",
        1,
    ],
)
async def test_a_request_without_time_or_message_is_rejected_with_the_original_text(
    service: Service, document: object
) -> None:
    response = await service.echo(document, **PLAIN)
    assert (response.status_code, response.text) == (HTTPStatus.BAD_REQUEST, MISSING)
    assert response.headers["content-type"].startswith("text/plain")
    assert await service.stored() == []


async def test_an_empty_request_is_rejected_with_the_original_text(service: Service) -> None:
    response = await service.post("/echoAtTime", b"")
    assert (response.status_code, response.text) == (HTTPStatus.BAD_REQUEST, MISSING)


@pytest.mark.parametrize("time", UNREADABLE_TIMES, ids=lambda time: repr(time)[:30])
async def test_an_unreadable_time_is_rejected_with_the_original_text(service: Service, time: object) -> None:
    response = await service.echo({"time": time, "message": "x"})
    assert (response.status_code, response.text) == (HTTPStatus.BAD_REQUEST, INVALID)
    assert await service.stored() == []


@pytest.mark.parametrize("time", ["1e400", "-1e400", "1" * 400, "1" * 5000])
async def test_a_number_that_overflows_is_rejected_as_a_time(service: Service, time: str) -> None:
    response = await service.post("/echoAtTime", f'{{"time": {time}, "message": "x"}}'.encode())
    assert (response.status_code, response.text) == (HTTPStatus.BAD_REQUEST, INVALID)


@pytest.mark.parametrize("time", [0, 1, 1767225600, "1767225600", 1767225600.5, 99_999_999_999])
async def test_the_error_of_a_time_in_seconds_says_so(service: Service, time: object) -> None:
    response = await service.echo({"time": time, "message": "x"}, **PLAIN)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.text.startswith(INVALID)
    assert "seconds" in response.text
    assert "seconds" in errors_of(await service.echo({"time": time, "message": "x"}, **JSON))["$.time"]


@pytest.mark.parametrize("time", [1767225600000, 1767225600000.9, "1767225600000", "2026-01-01", "1 Jan 2026"])
async def test_milliseconds_and_text_mean_the_same_due_ms(service: Service, time: object) -> None:
    await service.echo({"time": time, "message": "x"})
    assert [to_ms(message.at) for message in await service.stored()] == [1767225600000]


async def test_times_are_read_as_a_javascript_engine_reads_them(service: Service) -> None:
    wrong = [case for case in CASES if await _due_ms(service, case["input"]) != case["ms"]]
    assert wrong == []


async def test_a_time_without_a_zone_is_in_the_zone_of_the_service() -> None:
    async with serving(settings=replace(SETTINGS, timezone=ZoneInfo("Europe/Kyiv"))) as service:
        assert await _due_ms(service, "2036-07-01T12:00:00") == to_ms(datetime(2036, 7, 1, 9, tzinfo=UTC))


async def test_a_past_time_is_due_at_once(service: Service) -> None:
    await service.echo({"time": "1999-12-31T23:59:59Z", "message": "late"})
    assert [message.body for message in await service.claim()] == [b'"late"']


async def test_unknown_fields_are_ignored(service: Service) -> None:
    response = await service.echo({"time": TIME, "message": "x", "priority": [1], "to": 5})
    assert response.text == SCHEDULED


async def test_a_client_that_accepts_json_receives_a_problem_that_names_the_field(service: Service) -> None:
    assert errors_of(await service.echo({"message": "x"}, **JSON)) == {"$.time": MISSING}
    assert errors_of(await service.echo({"time": TIME}, **JSON)) == {"$.message": MISSING}
    unreadable = errors_of(await service.echo({"time": "2026-02-30", "message": "x"}, **JSON))
    assert list(unreadable) == ["$.time"]
    assert unreadable["$.time"].startswith(INVALID)
    assert "does not exist" in unreadable["$.time"]


@pytest.mark.parametrize("content", [b"{", b"time=now&message=x", b'{"time": NaN, "message": 1}', b"\xff\xfe"])
async def test_content_that_is_not_json_is_rejected_with_a_reason(service: Service, content: bytes) -> None:
    response = await service.post("/echoAtTime", content)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "not valid JSON" in response.text


async def test_a_message_that_is_not_utf_8_is_rejected(service: Service) -> None:
    response = await service.post("/echoAtTime", b'{"time": "2036-04-23", "message": "\xff"}')
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "utf-8" in response.text


async def test_another_content_type_is_rejected(service: Service) -> None:
    response = await service.post("/echoAtTime", b"time=1", "application/x-www-form-urlencoded")
    assert "application/json" in problem_of(response, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)["detail"]


async def test_a_message_over_the_limit_is_rejected(service: Service) -> None:
    fits, too_long = "x" * 998, "x" * 999
    assert (await service.echo({"time": TIME, "message": fits})).text == SCHEDULED
    response = await service.echo({"time": TIME, "message": too_long})
    assert "1001 bytes" in problem_of(response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)["detail"]


async def test_a_client_is_asked_to_try_again_while_the_store_is_unavailable(service: Service) -> None:
    service.store.trouble = StoreUnavailableError("connection refused")
    response = await service.echo({"time": TIME, "message": "x"})
    problem_of(response, HTTPStatus.SERVICE_UNAVAILABLE)
    assert int(response.headers["retry-after"]) > 0


async def test_a_full_store_has_its_own_kind_of_problem(service: Service) -> None:
    service.store.trouble = StoreFullError("maxmemory")
    response = await service.echo({"time": TIME, "message": "x"})
    problem_of(response, HTTPStatus.INSUFFICIENT_STORAGE)
    assert int(response.headers["retry-after"]) > 0


async def _due_ms(service: Service, time: object) -> int | None:
    """Returns when a message of this time is due; `None` if the time is rejected."""
    response = await service.echo({"time": time, "message": "x"})
    if response.status_code == HTTPStatus.BAD_REQUEST:
        assert response.text.startswith((INVALID, MISSING)), response.text
        return None
    assert response.text == SCHEDULED
    return to_ms((await service.stored())[-1].at)
