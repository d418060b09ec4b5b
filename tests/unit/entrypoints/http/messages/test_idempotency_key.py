from __future__ import annotations

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from postdate.domain.errors import StoreUnavailableError
from tests.unit.entrypoints.http.problem import faults_of, problem_of

if TYPE_CHECKING:
    from tests.unit.entrypoints.http.service import Service

ASKED = {"body": {"cart": 42}, "in": "1h"}
HEADER = "idempotency-key"
DAY = timedelta(days=1)


async def test_the_same_request_again_is_answered_with_the_first_message_as_it_is_now(service: Service) -> None:
    first = await service.schedule({**ASKED, "key": "a"})
    assert first.status_code == HTTPStatus.CREATED
    assert "idempotent-replayed" not in first.headers
    service.clock.advance(timedelta(minutes=1))
    await service.client.delete(first.headers["location"])
    again = await service.schedule({**ASKED, "key": "a"})
    assert (again.status_code, again.headers["idempotent-replayed"]) == (HTTPStatus.OK, "true")
    assert again.headers["location"] == first.headers["location"]
    assert again.json()["status"] == "cancelled"
    assert again.headers["etag"] == (await service.client.get(first.headers["location"])).headers["etag"]
    assert len(await service.stored()) == 1


@pytest.mark.parametrize("header", ["a", '"a"'])
async def test_the_key_may_be_in_a_header_or_in_the_document_or_in_both(service: Service, header: str) -> None:
    answers = [
        await service.schedule(ASKED, **{HEADER: header}),
        await service.schedule({**ASKED, "key": "a"}),
        await service.schedule({**ASKED, "key": "a"}, **{HEADER: header}),
    ]
    assert [answer.status_code for answer in answers] == [HTTPStatus.CREATED, HTTPStatus.OK, HTTPStatus.OK]
    assert len(await service.stored()) == 1


async def test_blanks_and_the_order_of_fields_make_no_other_request(service: Service) -> None:
    await service.post("/v1/messages", b'{"key": "a", "body": {"a": 1}, "labels": ["x"], "in": "1h"}')
    answer = await service.post("/v1/messages", b'{"in":"1h","labels":["x"],"body":{"a":1},"key":"a"}')
    assert answer.status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    "other",
    [{"body": 1}, {"in": "60m"}, {"labels": ["x"]}, {"to": "console:x"}, {"retry": {}}, {"expires_in": "2h"}],
)
async def test_another_request_with_the_key_is_a_conflict(service: Service, other: dict[str, object]) -> None:
    first = await service.schedule({**ASKED, "key": "a"})
    answer = await service.schedule({**ASKED, **other, "key": "a"})
    problem = problem_of(answer, HTTPStatus.CONFLICT)
    assert problem["type"].endswith("#idempotency-key-reused")
    assert first.json()["id"] in problem["detail"]
    assert len(await service.stored()) == 1


async def test_two_keys_that_differ_are_refused(service: Service) -> None:
    assert list(faults_of(await service.schedule({**ASKED, "key": "a"}, **{HEADER: "b"}))) == ["$.key"]
    assert await service.stored() == []


@pytest.mark.parametrize("header", ["", '""', "x" * 256, "a\tb"])
async def test_a_header_that_is_no_key_is_refused(service: Service, header: str) -> None:
    assert list(faults_of(await service.schedule(ASKED, **{HEADER: header}))) == ["$.key"]


async def test_two_headers_are_refused(service: Service) -> None:
    answer = await service.raw("/v1/messages", b'{"body": 1}', [(HEADER, "a"), (HEADER, "b")])
    assert list(faults_of(answer)) == ["$.key"]


async def test_fifty_at_once_make_one_message(service: Service) -> None:
    answers = await asyncio.gather(*(service.schedule({**ASKED, "key": "a"}) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [*[HTTPStatus.OK] * 49, HTTPStatus.CREATED]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await service.stored()) == 1


async def test_after_a_day_the_key_is_free(service: Service) -> None:
    await service.schedule({**ASKED, "key": "a"})
    service.clock.advance(DAY - timedelta(milliseconds=1))
    assert (await service.schedule({**ASKED, "key": "a"})).status_code == HTTPStatus.OK
    service.clock.advance(timedelta(milliseconds=1))
    assert (await service.schedule({**ASKED, "key": "a"})).status_code == HTTPStatus.CREATED


async def test_a_refused_request_takes_no_key(service: Service) -> None:
    await service.schedule({**ASKED, "to": "carrier:pigeon", "key": "a"})
    await service.schedule({**ASKED, "expires_in": "1s", "key": "a"})
    assert (await service.schedule({**ASKED, "key": "a"})).status_code == HTTPStatus.CREATED


async def test_while_the_store_is_away_a_key_can_be_tried_again(service: Service) -> None:
    service.store.trouble = StoreUnavailableError("gone")
    problem_of(await service.schedule({**ASKED, "key": "a"}), HTTPStatus.SERVICE_UNAVAILABLE)
    service.store.trouble = None
    assert (await service.schedule({**ASKED, "key": "a"})).status_code == HTTPStatus.CREATED


async def test_of_a_message_that_is_forgotten_it_is_said_that_it_was_there(service: Service) -> None:
    first = await service.schedule({**ASKED, "key": "a"})
    await service.client.delete(first.headers["location"])
    await service.forget()
    answer = await service.schedule({**ASKED, "key": "a"})
    assert first.json()["id"] in problem_of(answer, HTTPStatus.GONE)["detail"]
    assert answer.headers["location"] == first.headers["location"]
