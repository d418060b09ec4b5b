"""Checks of the problems that the API returns."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from httpx import Response


def problem_of(response: Response, status: HTTPStatus) -> dict[str, Any]:
    """Returns the problem details of a response after checking their form."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert set(problem) <= {"type", "title", "status", "detail", "errors"}
    assert problem["type"].startswith("/docs/problems#")
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem


def errors_of(response: Response, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> dict[str, str]:
    """Returns the detail of each error by its path."""
    errors = problem_of(response, status)["errors"]
    assert all(set(error) == {"path", "detail"} for error in errors)
    return {error["path"]: error["detail"] for error in errors}
