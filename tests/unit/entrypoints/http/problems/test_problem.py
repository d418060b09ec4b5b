from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from litestar.exceptions import ImproperlyConfiguredException, InternalServerException

from postdate.domain.errors import LeaseLostError, PostdateError
from postdate.entrypoints.http.problems.error_table import problem_of as problem_for
from tests.unit.entrypoints.http.problem import problem_of

if TYPE_CHECKING:
    from tests.unit.entrypoints.http.service import Service

INSIDE = "the database's password is hunter2"


@pytest.mark.parametrize(
    "path", ["/nothing", "/nothing/at/all", "/v1", "/v2/messages", "/v1/messages/a/b", "/schema"]
)
async def test_an_unknown_path_is_a_problem(service: Service, path: str) -> None:
    problem_of(await service.client.get(path), HTTPStatus.NOT_FOUND)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/echoAtTime", {"POST", "OPTIONS"}),
        ("PUT", "/v1/messages", {"GET", "POST", "OPTIONS"}),
        ("POST", "/v1/messages/000000000000", {"GET", "PATCH", "DELETE", "OPTIONS"}),
        ("POST", "/health/live", {"GET", "HEAD", "OPTIONS"}),
        ("BREW", "/health/live", {"GET", "HEAD", "OPTIONS"}),
    ],
)
async def test_a_wrong_method_is_answered_with_those_allowed(
    service: Service, method: str, path: str, allowed: set[str]
) -> None:
    answer = await service.client.request(method, path)
    problem_of(answer, HTTPStatus.METHOD_NOT_ALLOWED)
    assert set(answer.headers["allow"].split(", ")) == allowed


async def test_an_error_that_nobody_foresaw_says_nothing_of_the_inside(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.store.trouble = RuntimeError(INSIDE)
    with caplog.at_level(logging.ERROR):
        answer = await service.schedule({"body": "a body"})
    problem = problem_of(answer, HTTPStatus.INTERNAL_SERVER_ERROR)
    assert "errors" not in problem
    assert INSIDE not in answer.text
    assert "RuntimeError" not in answer.text


async def test_an_error_that_nobody_foresaw_is_logged_without_the_message(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.store.trouble = RuntimeError(INSIDE)
    with caplog.at_level(logging.ERROR):
        await service.schedule({"body": "a body"})
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[1] is service.store.trouble
    assert vars(record)["path"] == "/v1/messages"
    assert "a body" not in caplog.text


async def test_after_an_error_the_service_goes_on(service: Service) -> None:
    service.store.trouble = RuntimeError(INSIDE)
    await service.schedule({"body": 1})
    service.store.trouble = None
    assert (await service.schedule({"body": 1})).status_code == HTTPStatus.CREATED


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(INSIDE),
        InternalServerException(INSIDE),
        ImproperlyConfiguredException(INSIDE),
        LeaseLostError(INSIDE, 1),
        PostdateError(INSIDE),
    ],
)
def test_whatever_the_service_itself_is_to_blame_for_is_not_explained(error: Exception) -> None:
    problem = problem_for(error)
    assert problem.status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert INSIDE not in problem.detail
