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

INTERNALS = "the database's password is hunter2"


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
async def test_the_error_of_a_wrong_method_lists_the_allowed_methods(
    service: Service, method: str, path: str, allowed: set[str]
) -> None:
    response = await service.client.request(method, path)
    problem_of(response, HTTPStatus.METHOD_NOT_ALLOWED)
    assert set(response.headers["allow"].split(", ")) == allowed


async def test_the_problem_of_an_unexpected_error_shows_no_internals(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.store.trouble = RuntimeError(INTERNALS)
    with caplog.at_level(logging.ERROR):
        response = await service.schedule({"body": "a body"})
    problem = problem_of(response, HTTPStatus.INTERNAL_SERVER_ERROR)
    assert "errors" not in problem
    assert INTERNALS not in response.text
    assert "RuntimeError" not in response.text


async def test_an_unexpected_error_is_logged_without_the_message(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.store.trouble = RuntimeError(INTERNALS)
    with caplog.at_level(logging.ERROR):
        await service.schedule({"body": "a body"})
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[1] is service.store.trouble
    assert vars(record)["path"] == "/v1/messages"
    assert "a body" not in caplog.text


async def test_the_service_continues_after_an_unexpected_error(service: Service) -> None:
    service.store.trouble = RuntimeError(INTERNALS)
    await service.schedule({"body": 1})
    service.store.trouble = None
    assert (await service.schedule({"body": 1})).status_code == HTTPStatus.CREATED


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(INTERNALS),
        InternalServerException(INTERNALS),
        ImproperlyConfiguredException(INTERNALS),
        LeaseLostError(INTERNALS, 1),
        PostdateError(INTERNALS),
    ],
)
def test_an_internal_error_is_not_explained(error: Exception) -> None:
    problem = problem_for(error)
    assert problem.status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert INTERNALS not in problem.detail
