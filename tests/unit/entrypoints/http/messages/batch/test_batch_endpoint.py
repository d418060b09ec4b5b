from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from postdate.domain.errors import StoreFullError, StoreUnavailableError
from tests.unit.entrypoints.http.problem import problem_of
from tests.unit.entrypoints.http.service import SETTINGS, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from httpx import Response

    from tests.unit.entrypoints.http.service import Service

PATH = "/v1/messages/batch"
NDJSON = "application/x-ndjson"
LARGER = replace(SETTINGS, max_request_bytes=1_000_000)


async def lines(service: Service, content: bytes) -> Response:
    return await service.post(PATH, content, NDJSON)


def results_of(response: Response, accepted: int, rejected: int) -> list[dict[str, Any]]:
    assert response.status_code == HTTPStatus.OK, response.text
    document = response.json()
    assert (document["accepted"], document["rejected"]) == (accepted, rejected)
    results: list[dict[str, Any]] = document["results"]
    assert len(results) == accepted + rejected
    return results


def ids_of(results: Iterable[dict[str, Any]]) -> list[str]:
    return [result["id"] for result in results]


@pytest.mark.parametrize("kind", ["application/json", NDJSON])
async def test_messages_are_scheduled_in_their_order(service: Service, kind: str) -> None:
    documents = [{"body": number, "in": "1h", "labels": [str(number)]} for number in range(100)]
    separator = b"\n" if kind == NDJSON else b","
    content = separator.join(json.dumps(document).encode() for document in documents)
    response = await service.post(PATH, content if kind == NDJSON else b"[" + content + b"]", kind)
    results = results_of(response, 100, 0)
    assert ids_of(results) == sorted(ids_of(results)) == [message.id for message in await service.stored()]
    assert [message.body for message in await service.stored()] == [b"%d" % number for number in range(100)]


@pytest.mark.parametrize("kind", ["application/json", NDJSON])
async def test_a_rejected_message_does_not_affect_the_rest(service: Service, kind: str) -> None:
    documents = [
        {"body": 1},
        {"body": 2, "to": "carrier:pigeon"},
        {"bodi": 3},
        {"body": 4, "in": "2m", "expires_in": "1m"},
        {"body": "x" * 2000},
        {"body": 6},
    ]
    content = "\n".join(map(json.dumps, documents)) if kind == NDJSON else json.dumps(documents)
    results = results_of(await service.post(PATH, content.encode(), kind), 2, 4)
    problems = [result.get("problem") for result in results]
    assert [problem and (problem["status"], problem["errors"][0]["path"]) for problem in problems] == [
        None,
        (400, "$.to"),
        (400, "$.bodi"),
        (400, "$.expires_in"),
        (413, "$.body"),
        None,
    ]
    assert [message.body for message in await service.stored()] == [b"1", b"6"]


async def test_blank_lines_are_ignored_and_the_last_line_needs_no_line_break(service: Service) -> None:
    response = await lines(service, b'\n\r\n  \n{"body": 1}\r\n\n{"body": 2}')
    assert len(results_of(response, 2, 0)) == 2


@pytest.mark.parametrize("content", [b"", b"\n\n"])
async def test_a_batch_without_lines_has_no_messages(service: Service, content: bytes) -> None:
    assert results_of(await lines(service, content), 0, 0) == []


async def test_only_the_lines_that_are_not_json_in_utf_8_are_rejected(service: Service) -> None:
    response = await lines(
        service, b'{"body": "\xff"}\nnot json\n[1]\n{"body": 1, "to": "\xff"}\n\x00\n{"body": 1}'
    )
    results = results_of(response, 1, 5)
    assert [result["problem"]["status"] for result in results[:-1]] == [400] * 5


async def test_lines_may_arrive_in_any_chunks(service: Service) -> None:
    content = b"".join(
        json.dumps({"body": "é" * number}, ensure_ascii=False).encode() + b"\n" for number in range(60)
    )

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 7):
            yield content[start : start + 7]

    response = await service.raw(PATH, chunks(), [("content-type", NDJSON)])
    results_of(response, 60, 0)
    assert [json.loads(message.body) for message in await service.stored()] == [
        "é" * number for number in range(60)
    ]


async def test_only_the_lines_that_are_too_long_are_rejected(service: Service) -> None:
    long = b'{"body": "' + b"x" * 200_000 + b'"}'
    results = results_of(await lines(service, b'{"body": 1}\n' + long + b'\n{"body": 2}\n' + long), 2, 2)
    assert "longer than a message" in results[1]["problem"]["detail"]
    assert "longer than a message" in results[3]["problem"]["detail"]


async def test_lines_may_exceed_the_size_limit_of_a_request(service: Service) -> None:
    content = b'{"body":1}\n' * 2_500
    assert len(content) > 10_000
    results = results_of(await lines(service, content), 2_500, 0)
    assert ids_of(results) == [message.id for message in await service.stored()]


async def test_an_array_may_exceed_neither_the_size_nor_the_count_limit(service: Service) -> None:
    problem_of(await service.post(PATH, b"[" + b" " * 10_000 + b"]"), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    async with serving(settings=LARGER) as service_with_larger_limit:
        most = b"[" + b",".join([b'{"body":1}'] * 10_001) + b"]"
        problem_of(await service_with_larger_limit.post(PATH, most), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        assert await service_with_larger_limit.stored() == []
        results_of(
            await service_with_larger_limit.post(PATH, b"[" + b",".join([b'{"body":1}'] * 10_000) + b"]"),
            10_000,
            0,
        )


@pytest.mark.parametrize("content", [b"", b"{}", b"nonsense", b'[{"body": 1}', b"null"])
async def test_content_that_is_not_an_array_is_rejected(service: Service, content: bytes) -> None:
    problem_of(await service.post(PATH, content), HTTPStatus.BAD_REQUEST)
    assert await service.stored() == []


async def test_another_content_type_is_rejected(service: Service) -> None:
    response = await service.post(PATH, b"[]", "text/csv")
    assert NDJSON in problem_of(response, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)["detail"]


async def test_keys_are_unique_within_a_batch_and_beyond_it(service: Service) -> None:
    await service.schedule({"body": 0, "key": "zero"})
    documents = [
        {"body": 0, "key": "zero"},
        {"body": 1},
        {"body": 2, "key": "two"},
        {"body": 2, "key": "two"},
        {"body": 3, "key": "two"},
        {"body": 4},
    ]
    results = results_of(await service.post(PATH, json.dumps(documents).encode()), 5, 1)
    assert [result.get("replayed", False) for result in results] == [True, False, False, True, False, False]
    assert results[2]["id"] == results[3]["id"]
    assert results[4]["problem"]["status"] == HTTPStatus.CONFLICT
    assert [message.body for message in await service.stored()] == [b"0", b"1", b"2", b"4"]


async def test_a_key_for_a_whole_batch_is_rejected(service: Service) -> None:
    headers = {"content-type": NDJSON, "idempotency-key": "a"}
    response = await service.client.post(PATH, content=b'{"body": 1}', headers=headers)
    problem_of(response, HTTPStatus.BAD_REQUEST)
    assert await service.stored() == []


async def test_a_batch_of_which_the_store_accepted_nothing_is_unavailable(service: Service) -> None:
    service.store.trouble = StoreUnavailableError("gone")
    response = await lines(service, b'{"body": 1}\n' * 3)
    problem_of(response, HTTPStatus.SERVICE_UNAVAILABLE)
    assert "retry-after" in response.headers


async def test_the_messages_after_an_outage_of_the_store_are_not_tried(service: Service) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"body": 1}\n' * 1_500
        service.store.trouble = StoreUnavailableError("gone")
        yield b'{"body": 1}\n' * 500
        yield b'{"body": 1}\n' * 3_000

    response = await service.raw(PATH, chunks(), [("content-type", NDJSON)])
    document = response.json()
    assert response.status_code == HTTPStatus.OK
    assert len(await service.stored()) == document["accepted"]
    assert document["accepted"] + document["rejected"] == 5_000
    last = document["results"][-1]["problem"]
    assert (last["status"], "not tried" in last["detail"]) == (503, True)


async def test_every_message_that_a_full_store_rejects_has_a_problem(service: Service) -> None:
    service.store.trouble = StoreFullError("maxmemory")
    results = results_of(await lines(service, b'{"body": 1}\n{"body": 2}'), 0, 2)
    assert [result["problem"]["status"] for result in results] == [507, 507]
