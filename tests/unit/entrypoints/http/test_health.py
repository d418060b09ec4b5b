from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from postdate.domain.errors import StoreUnavailableError
from tests.unit.entrypoints.http.problem import problem_of

if TYPE_CHECKING:
    from tests.unit.entrypoints.http.service import Service


async def test_a_service_that_can_do_its_work_is_live_and_ready(service: Service) -> None:
    for path in ("/health/live", "/health/ready"):
        response = await service.client.get(path)
        assert (response.status_code, response.json()) == (HTTPStatus.OK, {"status": "ok"})


async def test_monitors_may_send_head(service: Service) -> None:
    for path in ("/health/live", "/health/ready"):
        response = await service.client.head(path)
        assert (response.status_code, response.content) == (HTTPStatus.OK, b"")
    service.store.trouble = StoreUnavailableError("connection refused")
    response = await service.client.head("/health/ready")
    assert (response.status_code, response.content) == (HTTPStatus.SERVICE_UNAVAILABLE, b"")


async def test_the_service_is_live_but_not_ready_while_the_store_is_unavailable(service: Service) -> None:
    service.store.trouble = StoreUnavailableError("connection refused")
    assert (await service.client.get("/health/live")).status_code == HTTPStatus.OK
    response = await service.client.get("/health/ready")
    assert "connection refused" in problem_of(response, HTTPStatus.SERVICE_UNAVAILABLE)["detail"]
    assert int(response.headers["retry-after"]) > 0


async def test_the_service_is_not_ready_if_a_message_is_overdue_for_too_long(service: Service) -> None:
    await service.schedule({"body": 1})
    service.clock.advance(timedelta(seconds=10))
    assert (await service.client.get("/health/ready")).status_code == HTTPStatus.OK
    service.clock.advance(timedelta(seconds=1))
    late = problem_of(await service.client.get("/health/ready"), HTTPStatus.SERVICE_UNAVAILABLE)
    assert "11.0 s late" in late["detail"]


async def test_the_service_is_ready_if_messages_are_not_due_yet(service: Service) -> None:
    await service.schedule({"body": 1, "in": "1d"})
    assert (await service.client.get("/health/ready")).status_code == HTTPStatus.OK
