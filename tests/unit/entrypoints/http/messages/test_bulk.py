from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from postdate.domain.messages.outcome import Failure
from postdate.domain.messages.status import Status
from tests.unit.entrypoints.http.messages.test_listing import stored
from tests.unit.entrypoints.http.problem import errors_of

if TYPE_CHECKING:
    from httpx import Response

    from tests.unit.entrypoints.http.service import Service

TTL = timedelta(seconds=2)
CANCEL, REPLAY = "/v1/messages/cancel", "/v1/messages/replay"


async def changed(service: Service, path: str, document: object) -> dict[str, int]:
    answer: Response = await service.client.post(path, json=document)
    assert answer.status_code == HTTPStatus.OK, answer.text
    result: dict[str, int] = answer.json()
    return result


async def kill_claimed(service: Service) -> None:
    failure = Failure(at=service.clock.now(), reason="no")
    await service.settle(*(message.died(failure) for message in await service.claim()))


async def test_the_messages_with_a_label_are_cancelled(service: Service) -> None:
    await stored(service, 3, "a")
    (other,) = await stored(service, 1, "b")
    assert await changed(service, CANCEL, {"label": "a"}) == {"matched": 3, "changed": 3}
    assert [message.id for message in await service.stored() if message.status is not Status.CANCELLED] == [
        other.id
    ]


async def test_a_dry_run_only_counts(service: Service) -> None:
    await stored(service, 3, "a")
    assert await changed(service, CANCEL, {"label": "a", "dry_run": True}) == {"matched": 3, "changed": 0}
    assert {message.status for message in await service.stored()} == {Status.SCHEDULED}


async def test_a_claimed_message_matches_and_is_not_changed(service: Service) -> None:
    await stored(service, 3, "a")
    (claimed,) = await service.claim()
    assert await changed(service, CANCEL, {"label": "a"}) == {"matched": 3, "changed": 2}
    assert claimed.id in {message.id for message in await service.stored() if message.status is Status.DELIVERING}


async def test_an_ended_message_matches_only_if_its_status_is_named(service: Service) -> None:
    await stored(service, 2, "a")
    await service.deliver()
    assert await changed(service, CANCEL, {"label": "a"}) == {"matched": 1, "changed": 1}
    assert await changed(service, CANCEL, {"label": "a"}) == {"matched": 0, "changed": 0}
    ended = {"label": "a", "status": ["cancelled", "delivered"]}
    assert await changed(service, CANCEL, ended) == {"matched": 2, "changed": 0}


async def test_all_messages_are_cancelled_if_all_is_true(service: Service) -> None:
    await stored(service, 3)
    assert await changed(service, CANCEL, {"all": True}) == {"matched": 3, "changed": 3}


async def test_dead_messages_are_replayed(service: Service) -> None:
    await stored(service, 2, "a")
    await kill_claimed(service)
    assert await changed(service, REPLAY, {"label": "a", "dry_run": True}) == {"matched": 1, "changed": 0}
    assert await changed(service, REPLAY, {"label": "a"}) == {"matched": 1, "changed": 1}
    assert {message.status for message in await service.stored()} == {Status.SCHEDULED}
    assert await changed(service, REPLAY, {"all": True}) == {"matched": 0, "changed": 0}
    assert await changed(service, REPLAY, {"status": "scheduled"}) == {"matched": 2, "changed": 0}


@pytest.mark.parametrize("path", [CANCEL, REPLAY])
@pytest.mark.parametrize(
    ("document", "error_path"),
    [
        ({}, "$.all"),
        ({"all": False}, "$.all"),
        ({"dry_run": True}, "$.all"),
        ({"all": True, "label": "a"}, "$.all"),
        ({"label": ""}, "$.label"),
        ({"label": "", "status": "scheduled"}, "$.label"),
        ({"to": "", "all": True}, "$.to"),
        ({"label": None}, "$.label"),
        ({"status": []}, "$.status"),
        ({"status": "lost"}, "$.status"),
        ({"status": ["lost"]}, "$.status[0]"),
        ({"due_after": "soon"}, "$.due_after"),
        ({"due_before": True}, "$.due_before"),
        ({"limit": 3, "all": True}, "$.limit"),
        ({"label": "a", "dry_run": "yes"}, "$.dry_run"),
        ({"all": 1}, "$.all"),
        ([], "$"),
    ],
)
async def test_an_invalid_request_is_a_problem_and_changes_nothing(
    service: Service, path: str, document: object, error_path: str
) -> None:
    await stored(service, 1, "a")
    assert list(errors_of(await service.client.post(path, json=document))) == [error_path]
    assert [message.status for message in await service.stored()] == [Status.SCHEDULED]
