"""Headers of every response, rate limits, and pages that load nothing from other hosts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from postdate.entrypoints.api_keys import parse_api_keys
from postdate.entrypoints.http.problems.problem_kind import ProblemKind
from postdate.entrypoints.rate_limit import RateLimit
from tests.unit.entrypoints.http.problem import problem_of
from tests.unit.entrypoints.http.service import SETTINGS, serving

if TYPE_CHECKING:
    from tests.unit.entrypoints.http.service import Service

WITH_KEYS = replace(SETTINGS, api_keys=parse_api_keys("shop:one,other:two"))
DOCUMENTED = Path(__file__).parents[4] / "docs" / "problems.md"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/messages"),
        ("GET", "/v1/messages/x"),
        ("POST", "/echoAtTime"),
        ("GET", "/nothing"),
        ("BREW", "/docs"),
        ("GET", "/docs"),
        ("GET", "/health/live"),
        ("GET", "/openapi.json"),
        ("POST", "/v1/messages/batch"),
    ],
)
async def test_every_response_has_the_security_headers(service: Service, method: str, path: str) -> None:
    response = await service.client.request(method, path, json={"body": 1})
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert response.headers["cache-control"] == "no-store"
    assert (response.headers["x-frame-options"], response.headers["referrer-policy"]) == ("DENY", "no-referrer")


async def test_a_rate_limited_key_is_told_when_to_try_again() -> None:
    async with serving(settings=replace(WITH_KEYS, rate_limit=RateLimit(requests=2, seconds=60))) as service:
        one, two = {"authorization": "Bearer one"}, {"authorization": "Bearer two"}
        responses = [await service.schedule({"body": n}, **one) for n in range(3)]
        assert [response.status_code for response in responses[:2]] == [HTTPStatus.CREATED] * 2
        assert "shop" in problem_of(responses[2], HTTPStatus.TOO_MANY_REQUESTS)["detail"]
        assert responses[2].headers["retry-after"] == "30"
        assert (await service.schedule({"body": 1}, **two)).status_code == HTTPStatus.CREATED
        assert (await service.client.get("/health/live")).status_code == HTTPStatus.OK
        service.clock.advance(timedelta(seconds=30))
        assert (await service.schedule({"body": 1}, **one)).status_code == HTTPStatus.CREATED
        assert len(await service.stored()) == 4


async def test_an_unknown_key_does_not_count_against_a_rate_limit() -> None:
    async with serving(settings=replace(WITH_KEYS, rate_limit=RateLimit(requests=1, seconds=60))) as service:
        for _ in range(3):
            response = await service.schedule({"body": 1}, authorization="Bearer x")
            problem_of(response, HTTPStatus.UNAUTHORIZED)


async def test_all_clients_share_one_rate_limit_if_there_are_no_keys() -> None:
    async with serving(settings=replace(SETTINGS, rate_limit=RateLimit(requests=1, seconds=1))) as service:
        responses = [await service.schedule({"body": 1}) for _ in range(2)]
        assert [response.status_code for response in responses] == [
            HTTPStatus.CREATED,
            HTTPStatus.TOO_MANY_REQUESTS,
        ]


@pytest.mark.parametrize("path", ["/docs", "/docs/problems"])
async def test_a_page_fetches_nothing_and_runs_no_script(service: Service, path: str) -> None:
    response = await service.client.get(path)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert not re.search(r"<script|<link|<img|@import|url\(|https?://(?!\S*\.)|src=", response.text)
    assert all(link.startswith("/") for link in re.findall(r'href="([^"]*)"', response.text))


async def test_the_page_shows_every_operation(service: Service) -> None:
    page = (await service.client.get("/docs")).text
    document = (await service.client.get("/openapi.json")).json()
    for path, item in document["paths"].items():
        assert f"<code>{path}</code>" in page
        for method in item:
            assert f"<b>{method.upper()}</b>" in page


async def test_the_type_of_a_problem_links_to_its_explanation(service: Service) -> None:
    problem = problem_of(await service.client.get("/v1/messages/x"), HTTPStatus.NOT_FOUND)
    path, _, fragment = problem["type"].partition("#")
    page = (await service.client.get(path)).text
    assert f'id="{fragment}"' in page


def test_every_kind_of_problem_is_documented() -> None:
    documented = set(re.findall(r"^## `([a-z-]+)`", DOCUMENTED.read_text("utf-8"), re.MULTILINE))
    assert documented == {kind.slug for kind in ProblemKind}
