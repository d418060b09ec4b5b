from __future__ import annotations

import logging
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from postdate.entrypoints.api_keys import parse_api_keys
from tests.unit.entrypoints.http.problem import problem_of
from tests.unit.entrypoints.http.service import SETTINGS, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.unit.entrypoints.http.service import Service

WRITER, READER, OTHER = "correct-horse", "battery-staple", "schlüssel-ключ"
KEYS = parse_api_keys(f"shop:{WRITER},dashboard:{READER}:read,other:{OTHER}")
PUBLIC_PATHS = ["/health/live", "/health/ready", "/openapi.json"]


@pytest.fixture
async def guarded() -> AsyncIterator[Service]:
    async with serving(settings=replace(SETTINGS, api_keys=KEYS)) as service:
        yield service


async def test_no_key_is_needed_if_there_are_no_keys(service: Service) -> None:
    location = (await service.schedule({"body": 1})).headers["location"]
    assert (await service.client.get(location)).status_code == HTTPStatus.OK
    assert (await service.client.delete(location)).status_code == HTTPStatus.NO_CONTENT


async def test_a_known_key_may_do_everything(guarded: Service) -> None:
    response = await guarded.schedule({"body": 1}, **bearer(WRITER))
    location = response.headers["location"]
    assert (await guarded.client.get(location, headers=bearer(WRITER))).status_code == HTTPStatus.OK
    assert (await guarded.client.delete(location, headers=bearer(WRITER))).status_code == HTTPStatus.NO_CONTENT
    assert (await guarded.echo({"time": "2036", "message": 1}, **bearer(WRITER))).status_code == HTTPStatus.OK


async def test_a_secret_may_have_any_characters(guarded: Service) -> None:
    value = f"Bearer {OTHER}".encode()
    response = await guarded.client.post("/v1/messages", json={"body": 1}, headers={b"authorization": value})
    assert response.status_code == HTTPStatus.CREATED


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Bearer shop",
        f"Bearer shop:{WRITER}",
        f"Bearer {WRITER}x",
        f"Bearer {WRITER[:-1]}",
        f"Bearer {WRITER.upper()}",
        f"Bearer {WRITER} {WRITER}",
        f"Basic {WRITER}",
        WRITER,
        b"Bearer \xff\xfe",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/echoAtTime"), ("POST", "/v1/messages"), ("GET", "/v1/messages/x"), ("DELETE", "/v1/messages/x")],
)
async def test_a_request_without_a_known_key_is_rejected(
    guarded: Service, method: str, path: str, authorization: str | bytes
) -> None:
    headers = {b"authorization": authorization if isinstance(authorization, bytes) else authorization.encode()}
    response = await guarded.client.request(method, path, headers=headers)
    problem_of(response, HTTPStatus.UNAUTHORIZED)
    assert response.headers["www-authenticate"] == "Bearer"
    assert await guarded.stored() == []


async def test_the_error_of_a_missing_header_names_it(guarded: Service) -> None:
    response = await guarded.schedule({"body": 1})
    assert "Authorization: Bearer" in problem_of(response, HTTPStatus.UNAUTHORIZED)["detail"]


async def test_the_name_of_the_scheme_is_case_insensitive(guarded: Service) -> None:
    response = await guarded.schedule({"body": 1}, authorization=f"bEARER  {WRITER}")
    assert response.status_code == HTTPStatus.CREATED


async def test_a_read_only_key_may_read(guarded: Service) -> None:
    location = (await guarded.schedule({"body": 1}, **bearer(WRITER))).headers["location"]
    assert (await guarded.client.get(location, headers=bearer(READER))).status_code == HTTPStatus.OK


async def test_a_read_only_key_may_not_write(guarded: Service) -> None:
    location = (await guarded.schedule({"body": 1}, **bearer(WRITER))).headers["location"]
    refused = [
        await guarded.schedule({"body": 2}, **bearer(READER)),
        await guarded.echo({"time": "2036", "message": 1}, **bearer(READER)),
        await guarded.client.delete(location, headers=bearer(READER)),
    ]
    for response in refused:
        assert "dashboard" in problem_of(response, HTTPStatus.FORBIDDEN)["detail"]
    assert [message.status for message in await guarded.stored()] == ["scheduled"]


@pytest.mark.parametrize("path", PUBLIC_PATHS)
@pytest.mark.parametrize("secret", ["", READER, "wrong"])
async def test_health_checks_and_the_openapi_document_need_no_key(
    guarded: Service, path: str, secret: str
) -> None:
    assert (await guarded.client.get(path, headers=bearer(secret))).status_code == HTTPStatus.OK


async def test_secrets_are_in_no_response_and_no_log(guarded: Service, caplog: pytest.LogCaptureFixture) -> None:
    guarded.store.trouble = RuntimeError("broken")
    with caplog.at_level(logging.DEBUG):
        responses = [
            await guarded.client.request(method, path, headers=bearer(secret), json={"body": 1})
            for method in ("GET", "POST", "DELETE")
            for path in ("/v1/messages", "/v1/messages/000000000000", "/openapi.json", "/nothing")
            for secret in (WRITER, READER, "not-a-known-one")
        ]
    output = caplog.text + "".join(response.text + str(response.headers) for response in responses)
    assert "request failed" in output
    for secret in (WRITER, READER, OTHER, "not-a-known-one"):
        assert secret not in output


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}
