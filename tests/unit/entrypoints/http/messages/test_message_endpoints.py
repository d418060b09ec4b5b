from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from postdate.domain.errors import NotDurableError, StoreFullError, StoreUnavailableError
from postdate.domain.messages.outcome import Failure
from tests.unit.entrypoints.http.problem import errors_of, problem_of
from tests.unit.entrypoints.http.service import SETTINGS, serving

if TYPE_CHECKING:
    from tests.unit.entrypoints.http.service import Service

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PATH = "/v1/messages"
UNKNOWN_IDS = [
    "000000000000",
    "x",
    "0" * 11,
    "%00",
    "000000000000%00",
    "%FF",
    "..%2F..%2Fetc%2Fpasswd",
    "%F0%9F%98%80" * 12,
    "A" * 20_000,
    "00000000000~",
    "-1",
    "null",
]


# --- scheduling ------------------------------------------------------------------------------------------


async def test_a_created_message_is_returned_as_it_is_stored(service: Service) -> None:
    response = await service.schedule({"body": {"cart": 42}, "at": "2026-12-24T18:00:00+01:00"})
    assert response.status_code == HTTPStatus.CREATED
    assert response.headers["content-type"] == "application/json"
    message = response.json()
    assert response.headers["location"] == f"{PATH}/{message.pop('id')}"
    assert message == {
        "status": "scheduled",
        "at": "2026-12-24T17:00:00.000Z",
        "at_local": None,
        "to": "console",
        "body": {"cart": 42},
        "attempts": 0,
        "labels": [],
        "headers": {},
        "retry": {"attempts": 5, "backoff": "exponential", "base": "PT1S", "cap": "PT1H", "jitter": True},
        "due_at": "2026-12-24T17:00:00.000Z",
        "expires_at": None,
        "created_at": "2026-01-01T00:00:00.000Z",
        "ended_at": None,
        "schedule_id": None,
        "failures": [],
        "timeline": [{"at": "2026-01-01T00:00:00.000Z", "event": "scheduled"}],
    }


@pytest.mark.parametrize(
    ("when", "at"),
    [
        ({}, NOW),
        ({"in": "15m"}, NOW + timedelta(minutes=15)),
        ({"in": "PT1.5S"}, NOW + timedelta(seconds=1.5)),
        ({"in": "0s"}, NOW),
        ({"at": 1767225600001}, NOW + timedelta(milliseconds=1)),
        ({"at": 1767225600001.9}, NOW + timedelta(milliseconds=1)),
        ({"at": "1767225600001"}, NOW + timedelta(milliseconds=1)),
        ({"at": "2026-01-01T00:00:00.001Z"}, NOW + timedelta(milliseconds=1)),
        ({"at": "1999-01-01"}, datetime(1999, 1, 1, tzinfo=UTC)),
    ],
)
async def test_a_message_is_due_at_its_time_or_after_its_delay_or_now(
    service: Service, when: dict[str, object], at: datetime
) -> None:
    response = await service.schedule({"body": 1, **when})
    assert response.status_code == HTTPStatus.CREATED
    assert [message.at for message in await service.stored()] == [at]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"body": 1, "at": "2026-02-01", "in": "1m"}, "$.in"),
        ({}, "$.body"),
        ({"at": "2026-02-01"}, "$.body"),
        ({"body": 1, "when": "now"}, "$.when"),
        ({"body": 1, "At": "2026-02-01"}, "$.At"),
        ({"body": 1, "at": True}, "$.at"),
        ({"body": 1, "at": None}, "$.at"),
        ({"body": 1, "at": []}, "$.at"),
        ({"body": 1, "at": ""}, "$.at"),
        ({"body": 1, "at": -1}, "$.at"),
        ({"body": 1, "at": 1767225600}, "$.at"),
        ({"body": 1, "at": 10**17}, "$.at"),
        ({"body": 1, "at": "2026-02-30T00:00:00Z"}, "$.at"),
        ({"body": 1, "in": 5}, "$.in"),
        ({"body": 1, "in": None}, "$.in"),
        ({"body": 1, "in": ""}, "$.in"),
        ({"body": 1, "in": "-5m"}, "$.in"),
        ({"body": 1, "in": "5 fortnights"}, "$.in"),
        ({"body": 1, "in": "9000000d"}, "$.in"),
        ({"body": 1, "in": f"{10**12}d"}, "$.in"),
        ({"body": 1, "to": 5}, "$.to"),
        ({"body": 1, "to": None}, "$.to"),
        ({"body": 1, "to": ""}, "$.to"),
        ({"body": 1, "to": "carrier:pigeon"}, "$.to"),
        ([], "$"),
        ([{"body": 1}], "$"),
        ("body", "$"),
        (None, "$"),
    ],
)
async def test_an_error_is_a_problem_that_names_its_path(service: Service, document: object, path: str) -> None:
    assert list(errors_of(await service.schedule(document))) == [path]
    assert await service.stored() == []


async def test_the_error_of_an_unknown_channel_lists_the_known_channels(service: Service) -> None:
    faults = errors_of(await service.schedule({"body": 1, "to": "carrier:pigeon"}))
    assert faults["$.to"] == "'carrier:pigeon' names no known channel; the known channels are console"


async def test_headers_are_stored_for_the_receiver(service: Service) -> None:
    assert (await service.schedule({"body": 1, "headers": {"X-Cart": "42", "X-B": ""}})).status_code == 201
    (message,) = await service.stored()
    assert message.headers == (("X-Cart", "42"), ("X-B", ""))


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"Host": "x"}, "$.headers"),
        ({"X": "a\r\nb"}, "$.headers"),
        ({"X": 1}, "$.headers[...]"),
        ([], "$.headers"),
        (None, "$.headers"),
    ],
)
async def test_headers_that_cannot_be_sent_are_rejected(service: Service, headers: object, path: str) -> None:
    response = await service.schedule({"body": 1, "headers": headers})
    assert list(errors_of(response)) == [path]
    assert await service.stored() == []


async def test_the_error_of_a_time_in_seconds_says_so(service: Service) -> None:
    assert "seconds" in errors_of(await service.schedule({"body": 1, "at": 1767225600}))["$.at"]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b" ", b"{", b"not json", b'{"body": 1}{"body": 2}', b'{"body": NaN}', b'{"body": 01}', b"\x00"),
        *(b'{"body": "\xff"}', b'{"body": {"\xff": 1}}', b'{"\xff": 1}', b'{"body": 1, "to": "\xff"}'),
        *(
            b'{"body": "\\ud800"}',
            b'{"body": "\\udc00\\ud800"}',
            b'{"body": ["\\ud83d"]}',
            b'{"body": "\xed\xa0\x80"}',
        ),
        *(b'{"body": "line\nbreak"}', b'{"body": "\\x41"}', b'{"body": tru}', b'{"body":}', b"{body: 1}"),
        *(b'\xef\xbb\xbf{"body": 1}', '{"body": 1}'.encode("utf-16")),
    ],
)
async def test_content_that_is_not_json_is_rejected(service: Service, content: bytes) -> None:
    problem = problem_of(await service.post(PATH, content), HTTPStatus.BAD_REQUEST)
    assert [error["path"] for error in problem["errors"]] in (["$"], ["$.body"])
    assert await service.stored() == []


@pytest.mark.parametrize(
    "body",
    [
        *("null", "true", "0", "-0", "-0.0", '""', "[]", "{}", '"\\u0000"', '"\\ud83d\\ude00"', '"\\/"', '"é😀"'),
        *("123456789012345678901234567890", "9007199254740993", "1" * 900, "1e999", "-1E-400"),
        *("0.1000000000000000055511151231257827", "1.0", "1.50", '{"a":1,"a":2}', '{"b":1,"a":[1.0,2e0]}'),
    ],
)
async def test_a_body_is_stored_to_the_letter(service: Service, body: str) -> None:
    response = await service.post(PATH, f'{{"body": {body} }}'.encode())
    assert response.status_code == HTTPStatus.CREATED
    assert [message.body for message in await service.stored()] == [body.encode()]
    assert f'"body":{body},'.encode() in response.content
    found = await service.client.get(response.headers["location"])
    assert f'"body":{body},'.encode() in found.content


async def test_a_body_loses_only_the_white_space_between_its_tokens(service: Service) -> None:
    await service.post(PATH, b'{"body": { "a b" : [ 1 ,\r\n\t2.50 ] , "c" : "  d  " } }')
    assert [message.body for message in await service.stored()] == [b'{"a b":[1,2.50],"c":"  d  "}']


@pytest.mark.parametrize("opened", ["[", '{"a":'])
async def test_deep_nesting_is_either_stored_or_rejected(opened: str) -> None:
    closed = "]" if opened == "[" else "}"
    async with serving() as service:
        for depth in (1, 50, *range(880, 1010), 1_200):
            body = opened * depth + "1" + closed * depth
            response = await service.post(PATH, f'{{"body": {body}}}'.encode())
            assert response.status_code in (
                HTTPStatus.CREATED,
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            )


async def test_the_error_of_nesting_that_is_too_deep_says_so() -> None:
    larger = replace(SETTINGS, max_body_bytes=1_000_000, max_request_bytes=1_000_000)
    content = b'{"body": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    async with serving(settings=larger) as service:
        response = await service.post(PATH, content)
    assert "nested too deeply" in problem_of(response, HTTPStatus.BAD_REQUEST)["detail"]


@pytest.mark.parametrize(
    "content_type", ["application/json", "APPLICATION/JSON; charset=utf-8", "application/json ;x"]
)
async def test_the_json_content_type_may_have_any_parameters(service: Service, content_type: str) -> None:
    assert (await service.post(PATH, b'{"body": 1}', content_type)).status_code == HTTPStatus.CREATED


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/jsonp", "application/json+x", "multipart/form-data; boundary=x", ""],
)
async def test_another_content_type_is_rejected(service: Service, content_type: str) -> None:
    response = await service.post(PATH, b'{"body": 1}', content_type)
    assert "application/json" in problem_of(response, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)["detail"]
    assert await service.stored() == []


async def test_a_request_without_a_content_type_is_read_as_json(service: Service) -> None:
    response = await service.client.post(PATH, content=b'{"body": 1}')
    assert "content-type" not in response.request.headers
    assert response.status_code == HTTPStatus.CREATED


async def test_a_body_over_the_limit_is_rejected(service: Service) -> None:
    assert (await service.schedule({"body": "x" * 998})).status_code == HTTPStatus.CREATED
    response = await service.schedule({"body": "x" * 999})
    assert "1001 bytes" in problem_of(response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)["detail"]


async def test_white_space_does_not_count_against_the_limit(service: Service) -> None:
    response = await service.post(PATH, b'{"body": [' + b" " * 2000 + b"1]}")
    assert response.status_code == HTTPStatus.CREATED


async def test_a_request_over_the_limit_is_rejected(service: Service) -> None:
    response = await service.post(PATH, b'{"body": 1}' + b" " * 10_000)
    problem_of(response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


async def test_two_messages_in_one_millisecond_have_ids_in_the_order_of_acceptance(service: Service) -> None:
    ids = [(await service.schedule({"body": number})).json()["id"] for number in range(100)]
    assert sorted(set(ids)) == ids


# --- finding ---------------------------------------------------------------------------------------------


async def test_a_message_is_found_in_its_present_state(service: Service) -> None:
    location = (await service.schedule({"body": 1})).headers["location"]
    await service.claim()
    assert (await service.client.get(location)).json()["status"] == "delivering"


async def test_a_delivered_message_shows_when_it_was_delivered(service: Service) -> None:
    location = (await service.schedule({"body": 1})).headers["location"]
    await service.deliver()
    message = (await service.client.get(location)).json()
    assert (message["status"], message["attempts"]) == ("delivered", 1)
    assert message["ended_at"] == "2026-01-01T00:00:00.000Z"


async def test_a_message_shows_its_failed_attempts(service: Service) -> None:
    location = (await service.schedule({"body": 1})).headers["location"]
    (claimed,) = await service.claim()
    failed = claimed.retried(Failure(at=NOW, reason="refused"), NOW + timedelta(seconds=2))
    await service.settle(failed)
    message = (await service.client.get(location)).json()
    assert message["failures"] == [{"at": "2026-01-01T00:00:00.000Z", "reason": "refused"}]
    assert (message["at"], message["due_at"]) == ("2026-01-01T00:00:00.000Z", "2026-01-01T00:00:02.000Z")


async def test_the_entity_tag_changes_only_with_the_message(service: Service) -> None:
    created = await service.schedule({"body": 1})
    location = created.headers["location"]
    found = await service.client.get(location)
    assert found.headers["etag"] == created.headers["etag"]
    assert found.headers["etag"].startswith('"')
    await service.claim()
    assert (await service.client.get(location)).headers["etag"] != created.headers["etag"]


@pytest.mark.parametrize("message_id", UNKNOWN_IDS, ids=lambda text: text[:20])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_an_unknown_id_is_not_found(service: Service, method: str, message_id: str) -> None:
    problem_of(await service.client.request(method, f"{PATH}/{message_id}"), HTTPStatus.NOT_FOUND)


# --- cancelling ------------------------------------------------------------------------------------------


async def test_a_cancelled_message_is_never_due(service: Service) -> None:
    location = (await service.schedule({"body": 1})).headers["location"]
    response = await service.client.delete(location)
    assert (response.status_code, response.content) == (HTTPStatus.NO_CONTENT, b"")
    assert await service.claim() == []
    assert (await service.client.get(location)).json()["status"] == "cancelled"


async def test_a_second_cancellation_has_the_same_answer(service: Service) -> None:
    location = (await service.schedule({"body": 1})).headers["location"]
    responses = [await service.client.delete(location) for _ in range(2)]
    assert [response.status_code for response in responses] == [HTTPStatus.NO_CONTENT] * 2


async def test_a_message_that_is_being_delivered_cannot_be_cancelled(service: Service) -> None:
    location = (await service.schedule({"body": 1})).headers["location"]
    await service.claim()
    assert "delivering" in problem_of(await service.client.delete(location), HTTPStatus.CONFLICT)["detail"]


async def test_a_delivered_message_cannot_be_cancelled(service: Service) -> None:
    location = (await service.schedule({"body": 1})).headers["location"]
    await service.deliver()
    assert "delivered" in problem_of(await service.client.delete(location), HTTPStatus.CONFLICT)["detail"]


# --- errors of the store ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("GET", "/000000000000"), ("DELETE", "/000000000000")])
async def test_clients_are_asked_to_try_again_while_the_store_is_unavailable(
    service: Service, method: str, path: str
) -> None:
    service.store.trouble = StoreUnavailableError("connection refused")
    response = await service.client.request(method, PATH + path, **_content(method))
    problem_of(response, HTTPStatus.SERVICE_UNAVAILABLE)
    assert int(response.headers["retry-after"]) > 0


@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("DELETE", "/000000000000")])
async def test_a_write_that_is_not_durable_enough_is_not_confirmed(
    service: Service, method: str, path: str
) -> None:
    service.store.trouble = NotDurableError("0 of 1 replicas acknowledged it")
    response = await service.client.request(method, PATH + path, **_content(method))
    assert "0 of 1 replicas" in problem_of(response, HTTPStatus.SERVICE_UNAVAILABLE)["detail"]
    assert int(response.headers["retry-after"]) > 0


async def test_a_full_store_accepts_no_message(service: Service) -> None:
    service.store.trouble = StoreFullError("maxmemory")
    problem_of(await service.schedule({"body": 1}), HTTPStatus.INSUFFICIENT_STORAGE)


def _content(method: str) -> dict[str, Any]:
    return {"content": json.dumps({"body": 1})} if method == "POST" else {}
