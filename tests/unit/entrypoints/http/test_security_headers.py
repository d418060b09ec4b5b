"""Headers of every answer, rate limits, and pages that need nothing from outside."""

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
async def test_every_answer_is_hardened(service: Service, method: str, path: str) -> None:
    answer = await service.client.request(method, path, json={"body": 1})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.headers["x-frame-options"], answer.headers["referrer-policy"]) == ("DENY", "no-referrer")


async def test_a_key_that_asks_too_often_is_told_when_to_come_back() -> None:
    async with serving(settings=replace(WITH_KEYS, rate_limit=RateLimit(requests=2, seconds=60))) as service:
        one, two = {"authorization": "Bearer one"}, {"authorization": "Bearer two"}
        answers = [await service.schedule({"body": n}, **one) for n in range(3)]
        assert [answer.status_code for answer in answers[:2]] == [HTTPStatus.CREATED] * 2
        assert "shop" in problem_of(answers[2], HTTPStatus.TOO_MANY_REQUESTS)["detail"]
        assert answers[2].headers["retry-after"] == "30"
        assert (await service.schedule({"body": 1}, **two)).status_code == HTTPStatus.CREATED
        assert (await service.client.get("/health/live")).status_code == HTTPStatus.OK
        service.clock.advance(timedelta(seconds=30))
        assert (await service.schedule({"body": 1}, **one)).status_code == HTTPStatus.CREATED
        assert len(await service.stored()) == 4


async def test_an_unknown_key_uses_up_nobodys_rate() -> None:
    async with serving(settings=replace(WITH_KEYS, rate_limit=RateLimit(requests=1, seconds=60))) as service:
        for _ in range(3):
            answer = await service.schedule({"body": 1}, authorization="Bearer x")
            problem_of(answer, HTTPStatus.UNAUTHORIZED)


async def test_without_keys_all_have_one_rate() -> None:
    async with serving(settings=replace(SETTINGS, rate_limit=RateLimit(requests=1, seconds=1))) as service:
        answers = [await service.schedule({"body": 1}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [HTTPStatus.CREATED, HTTPStatus.TOO_MANY_REQUESTS]


@pytest.mark.parametrize("path", ["/docs", "/docs/problems"])
async def test_a_page_fetches_nothing_and_runs_nothing(service: Service, path: str) -> None:
    answer = await service.client.get(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert not re.search(r"<script|<link|<img|@import|url\(|https?://(?!\S*\.)|src=", answer.text)
    assert all(link.startswith("/") for link in re.findall(r'href="([^"]*)"', answer.text))


async def test_the_page_shows_every_operation(service: Service) -> None:
    page = (await service.client.get("/docs")).text
    document = (await service.client.get("/openapi.json")).json()
    for path, item in document["paths"].items():
        assert f"<code>{path}</code>" in page
        for method in item:
            assert f"<b>{method.upper()}</b>" in page


async def test_the_type_of_a_problem_leads_to_its_explanation(service: Service) -> None:
    problem = problem_of(await service.client.get("/v1/messages/x"), HTTPStatus.NOT_FOUND)
    path, _, fragment = problem["type"].partition("#")
    page = (await service.client.get(path)).text
    assert f'id="{fragment}"' in page


def test_every_kind_of_problem_is_documented() -> None:
    documented = set(re.findall(r"^## `([a-z-]+)`", DOCUMENTED.read_text("utf-8"), re.MULTILINE))
    assert documented == {kind.slug for kind in ProblemKind}
