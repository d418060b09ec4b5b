from __future__ import annotations

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from postdate.domain.errors import StoreUnavailableError
from tests.unit.entrypoints.http.problem import errors_of, problem_of

if TYPE_CHECKING:
    from tests.unit.entrypoints.http.service import Service

DOCUMENT = {"body": {"cart": 42}, "in": "1h"}
HEADER = "idempotency-key"
DAY = timedelta(days=1)


async def test_a_repeated_request_returns_the_first_message_in_its_present_state(service: Service) -> None:
    first = await service.schedule({**DOCUMENT, "key": "a"})
    assert first.status_code == HTTPStatus.CREATED
    assert "idempotent-replayed" not in first.headers
    service.clock.advance(timedelta(minutes=1))
    await service.client.delete(first.headers["location"])
    again = await service.schedule({**DOCUMENT, "key": "a"})
    assert (again.status_code, again.headers["idempotent-replayed"]) == (HTTPStatus.OK, "true")
    assert again.headers["location"] == first.headers["location"]
    assert again.json()["status"] == "cancelled"
    assert again.headers["etag"] == (await service.client.get(first.headers["location"])).headers["etag"]
    assert len(await service.stored()) == 1


@pytest.mark.parametrize("header", ["a", '"a"'])
async def test_the_key_may_be_in_the_header_the_document_or_both(service: Service, header: str) -> None:
    responses = [
        await service.schedule(DOCUMENT, **{HEADER: header}),
        await service.schedule({**DOCUMENT, "key": "a"}),
        await service.schedule({**DOCUMENT, "key": "a"}, **{HEADER: header}),
    ]
    assert [response.status_code for response in responses] == [HTTPStatus.CREATED, HTTPStatus.OK, HTTPStatus.OK]
    assert len(await service.stored()) == 1


async def test_white_space_and_the_order_of_fields_do_not_make_a_different_request(service: Service) -> None:
    await service.post("/v1/messages", b'{"key": "a", "body": {"a": 1}, "labels": ["x"], "in": "1h"}')
    response = await service.post("/v1/messages", b'{"in":"1h","labels":["x"],"body":{"a":1},"key":"a"}')
    assert response.status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    "other",
    [{"body": 1}, {"in": "60m"}, {"labels": ["x"]}, {"to": "console:x"}, {"retry": {}}, {"expires_in": "2h"}],
)
async def test_a_different_request_with_the_same_key_is_a_conflict(
    service: Service, other: dict[str, object]
) -> None:
    first = await service.schedule({**DOCUMENT, "key": "a"})
    response = await service.schedule({**DOCUMENT, **other, "key": "a"})
    problem = problem_of(response, HTTPStatus.CONFLICT)
    assert problem["type"].endswith("#idempotency-key-reused")
    assert first.json()["id"] in problem["detail"]
    assert len(await service.stored()) == 1


async def test_a_header_that_differs_from_the_document_is_rejected(service: Service) -> None:
    assert list(errors_of(await service.schedule({**DOCUMENT, "key": "a"}, **{HEADER: "b"}))) == ["$.key"]
    assert await service.stored() == []


@pytest.mark.parametrize("header", ["", '""', "x" * 256, "a\tb"])
async def test_a_header_that_is_not_a_valid_key_is_rejected(service: Service, header: str) -> None:
    assert list(errors_of(await service.schedule(DOCUMENT, **{HEADER: header}))) == ["$.key"]


async def test_two_headers_are_rejected(service: Service) -> None:
    response = await service.raw("/v1/messages", b'{"body": 1}', [(HEADER, "a"), (HEADER, "b")])
    assert list(errors_of(response)) == ["$.key"]


async def test_fifty_concurrent_requests_with_one_key_make_one_message(service: Service) -> None:
    responses = await asyncio.gather(*(service.schedule({**DOCUMENT, "key": "a"}) for _ in range(50)))
    assert sorted(response.status_code for response in responses) == [*[HTTPStatus.OK] * 49, HTTPStatus.CREATED]
    assert len({response.json()["id"] for response in responses}) == 1
    assert len(await service.stored()) == 1


async def test_a_key_can_be_used_again_after_a_day(service: Service) -> None:
    await service.schedule({**DOCUMENT, "key": "a"})
    service.clock.advance(DAY - timedelta(milliseconds=1))
    assert (await service.schedule({**DOCUMENT, "key": "a"})).status_code == HTTPStatus.OK
    service.clock.advance(timedelta(milliseconds=1))
    assert (await service.schedule({**DOCUMENT, "key": "a"})).status_code == HTTPStatus.CREATED


async def test_a_rejected_request_does_not_use_its_key(service: Service) -> None:
    await service.schedule({**DOCUMENT, "to": "carrier:pigeon", "key": "a"})
    await service.schedule({**DOCUMENT, "expires_in": "1s", "key": "a"})
    assert (await service.schedule({**DOCUMENT, "key": "a"})).status_code == HTTPStatus.CREATED


async def test_a_key_can_be_used_again_after_an_outage_of_the_store(service: Service) -> None:
    service.store.trouble = StoreUnavailableError("gone")
    problem_of(await service.schedule({**DOCUMENT, "key": "a"}), HTTPStatus.SERVICE_UNAVAILABLE)
    service.store.trouble = None
    assert (await service.schedule({**DOCUMENT, "key": "a"})).status_code == HTTPStatus.CREATED


async def test_the_key_of_a_removed_message_is_answered_with_gone(service: Service) -> None:
    first = await service.schedule({**DOCUMENT, "key": "a"})
    await service.client.delete(first.headers["location"])
    await service.forget()
    response = await service.schedule({**DOCUMENT, "key": "a"})
    assert first.json()["id"] in problem_of(response, HTTPStatus.GONE)["detail"]
    assert response.headers["location"] == first.headers["location"]
