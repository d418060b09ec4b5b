"""Conditional requests, edits, deliver now, replay, and the timeline."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from postdate.domain.errors import StoreUnavailableError, UnreadableMessageError
from postdate.domain.messages.outcome import Failure
from tests.unit.entrypoints.http.problem import errors_of, problem_of

if TYPE_CHECKING:
    from httpx import Response

    from tests.unit.entrypoints.http.service import Service

LATER = {"body": 1, "in": "1h"}
KYIV = {"local": "2027-03-28T03:30", "timezone": "Europe/Kyiv"}


async def patched(service: Service, location: str, document: object, **headers: str) -> Response:
    return await service.client.patch(location, json=document, headers=headers)


async def scheduled(service: Service, document: object = LATER) -> str:
    location: str = (await service.schedule(document)).headers["location"]
    return location


async def dead(service: Service) -> str:
    location = await scheduled(service, {"body": 1})
    (message,) = await service.claim()
    failure = Failure.truncated("refused", service.clock.now(), "by the door")
    await service.settle(message.died(failure))
    return location


async def events_of(service: Service, location: str) -> list[str]:
    return [entry["event"] for entry in (await service.client.get(location)).json()["timeline"]]


# --- conditional requests --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
async def test_a_state_that_the_client_already_has_is_not_sent_again(service: Service, form: str) -> None:
    location = await scheduled(service)
    tag = (await service.client.get(location)).headers["etag"]
    response = await service.client.get(location, headers={"if-none-match": form.format(tag)})
    assert (response.status_code, response.content) == (HTTPStatus.NOT_MODIFIED, b"")
    assert response.headers["etag"] == tag


@pytest.mark.parametrize("form", ["", '"x"', "x"])
async def test_a_state_that_the_client_does_not_have_is_sent(service: Service, form: str) -> None:
    response = await service.client.get(await scheduled(service), headers={"if-none-match": form})
    assert response.status_code == HTTPStatus.OK


async def test_every_change_makes_a_new_entity_tag(service: Service) -> None:
    location = await scheduled(service)
    tags = [(await service.client.get(location)).headers["etag"]]
    for document in (
        {"labels": ["a"]},
        {"body": 2},
        {"headers": {"x": "y"}},
        {"retry": {"attempts": 2}},
        {"in": "0s"},
    ):
        response = await patched(service, location, document)
        tags += [response.headers["etag"]]
        assert (await service.client.get(location)).headers["etag"] == tags[-1]
    await service.claim()
    tags += [(await service.client.get(location)).headers["etag"]]
    assert len(set(tags)) == len(tags) == 7


async def test_a_change_that_is_undone_makes_a_new_entity_tag(service: Service) -> None:
    location = await scheduled(service)
    before = (await service.client.get(location)).headers["etag"]
    for wait in ("2h", "1h"):
        response = await patched(service, location, {"in": wait})
    assert response.json()["at"] == "2026-01-01T01:00:00.000Z"
    assert response.headers["etag"] != before


# --- editing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ({"body": [1, 2]}, {"body": [1, 2]}),
        ({"body": None}, {"body": None}),
        ({"at": "2026-02-01"}, {"at": "2026-02-01T00:00:00.000Z", "due_at": "2026-02-01T00:00:00.000Z"}),
        ({"at": KYIV}, {"at": "2027-03-28T01:00:00.000Z", "at_local": KYIV}),
        ({"in": "5m"}, {"at": "2026-01-01T00:05:00.000Z", "at_local": None}),
        ({"to": "console:b"}, {"to": "console:b"}),
        ({"labels": ["b"]}, {"labels": ["b"]}),
        ({"labels": []}, {"labels": []}),
        ({"expires_in": "730d"}, {"expires_at": "2028-01-01T00:00:00.000Z"}),
        ({"expires_at": "2028-01-01T03:00:00Z"}, {"expires_at": "2028-01-01T03:00:00.000Z"}),
        ({"expires_at": None}, {"expires_at": None}),
    ],
)
async def test_an_edit_changes_the_given_fields_and_nothing_else(
    service: Service, document: dict[str, object], shown: dict[str, object]
) -> None:
    location = await scheduled(service, {"body": 1, "at": KYIV, "expires_in": "9000d", "labels": ["a"]})
    before = (await service.client.get(location)).json()
    response = await patched(service, location, document)
    assert response.status_code == HTTPStatus.OK
    after = response.json()
    assert {name: after[name] for name in shown} == shown
    untouched = before.keys() - shown.keys() - {"timeline", "at", "due_at", "at_local"}
    assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}
    assert (await service.client.get(location)).json() == after


async def test_an_instant_replaces_a_local_time(service: Service) -> None:
    location = await scheduled(service, {"body": 1, "at": KYIV})
    response = await patched(service, location, {"at": "2027-03-28T01:00:00Z"})
    assert response.json()["at_local"] is None


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({}, "$"),
        ([], "$"),
        ({"at": "2026-02-01", "in": "1m"}, "$.in"),
        ({"expires_at": None, "expires_in": "1m"}, "$.expires_in"),
        ({"at": None}, "$.at"),
        ({"expires_in": "1m"}, "$.expires_in"),
        ({"in": "9000000d"}, "$.in"),
        ({"to": "carrier:pigeon"}, "$.to"),
        ({"labels": ["a", "a"]}, "$.labels[1]"),
        ({"retry": {"attempts": 0}}, "$.retry.attempts"),
        ({"status": "delivered"}, "$.status"),
        ({"key": "a"}, "$.key"),
    ],
)
async def test_an_error_in_an_edit_names_its_path(service: Service, document: object, path: str) -> None:
    location = await scheduled(service)
    assert list(errors_of(await patched(service, location, document))) == [path]
    assert len((await service.stored())[0].history) == 0


async def test_an_edit_with_a_body_over_the_limit_is_rejected(service: Service) -> None:
    response = await patched(service, await scheduled(service), {"body": "x" * 2000})
    problem_of(response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@pytest.mark.parametrize("form", ["{}", '"x", {}', "*"])
async def test_an_edit_of_the_state_that_was_read_is_accepted(service: Service, form: str) -> None:
    created = await service.schedule(LATER)
    headers = {"if-match": form.format(created.headers["etag"])}
    response = await patched(service, created.headers["location"], {"body": 2}, **headers)
    assert response.status_code == HTTPStatus.OK


@pytest.mark.parametrize("form", ["", "x", '"x"', "W/{}"])
async def test_an_edit_of_another_state_is_rejected(service: Service, form: str) -> None:
    created = await service.schedule(LATER)
    headers = {"if-match": form.format(created.headers["etag"])}
    response = await patched(service, created.headers["location"], {"body": 2}, **headers)
    problem_of(response, HTTPStatus.PRECONDITION_FAILED)
    assert (await service.stored())[0].body == b"1"


async def test_the_second_of_two_edits_of_one_state_is_rejected(service: Service) -> None:
    created = await service.schedule(LATER)
    headers = {"if-match": created.headers["etag"]}
    responses = [await patched(service, created.headers["location"], {"body": n}, **headers) for n in (2, 3)]
    assert [response.status_code for response in responses] == [HTTPStatus.OK, HTTPStatus.PRECONDITION_FAILED]
    assert (await service.stored())[0].body == b"2"


# --- deliver now, replay ---------------------------------------------------------------------------------


async def test_a_waiting_message_can_be_delivered_now(service: Service) -> None:
    location = await scheduled(service)
    response = await service.client.post(f"{location}/deliver")
    assert response.status_code == HTTPStatus.ACCEPTED
    assert response.json()["due_at"] == "2026-01-01T00:00:00.000Z"
    assert response.json()["at"] == "2026-01-01T01:00:00.000Z"
    assert len(await service.claim()) == 1


async def test_a_dead_message_can_be_replayed(service: Service) -> None:
    location = await dead(service)
    response = await service.client.post(f"{location}/replay")
    assert response.status_code == HTTPStatus.ACCEPTED
    assert (response.json()["status"], response.json()["attempts"]) == ("scheduled", 0)
    assert len(await service.claim()) == 1


async def test_only_a_dead_message_can_be_replayed(service: Service) -> None:
    response = await service.client.post(f"{await scheduled(service)}/replay")
    assert problem_of(response, HTTPStatus.CONFLICT)["type"].endswith("#wrong-state")


@pytest.mark.parametrize("state", ["delivering", "delivered", "cancelled"])
async def test_a_message_that_no_longer_waits_is_not_changed(service: Service, state: str) -> None:
    location = await scheduled(service, {"body": 1})
    if state == "cancelled":
        await service.client.delete(location)
    else:
        await (service.claim() if state == "delivering" else service.deliver())
    for response in (
        await patched(service, location, {"body": 2}),
        await service.client.post(f"{location}/deliver"),
        await service.client.post(f"{location}/replay"),
    ):
        assert state in problem_of(response, HTTPStatus.CONFLICT)["detail"]


@pytest.mark.parametrize(("method", "tail"), [("PATCH", ""), ("POST", "/deliver"), ("POST", "/replay")])
@pytest.mark.parametrize("message_id", ["000000000000", "x", "%00", "A" * 2000])
async def test_an_unknown_message_is_not_found(service: Service, method: str, tail: str, message_id: str) -> None:
    path = f"/v1/messages/{message_id}{tail}"
    headers = {"if-match": '"x"'}
    response = await service.client.request(method, path, json={"body": 1}, headers=headers)
    assert problem_of(response, HTTPStatus.NOT_FOUND)["type"].endswith("#message-not-found")


@pytest.mark.parametrize(("method", "tail"), [("PATCH", ""), ("POST", "/deliver"), ("POST", "/replay")])
async def test_nothing_is_changed_while_the_store_is_unavailable(service: Service, method: str, tail: str) -> None:
    location = await scheduled(service)
    service.store.trouble = StoreUnavailableError("gone")
    response = await service.client.request(method, location + tail, json={"body": 1})
    problem_of(response, HTTPStatus.SERVICE_UNAVAILABLE)
    assert "retry-after" in response.headers


async def test_an_unreadable_record_has_its_own_kind_of_problem(service: Service) -> None:
    location = await scheduled(service)
    service.store.trouble = UnreadableMessageError("an id", "its version is 9")
    for method in ("GET", "PATCH"):
        response = await service.client.request(method, location, json={"body": 1})
        problem = problem_of(response, HTTPStatus.INTERNAL_SERVER_ERROR)
        assert problem["type"].endswith("#unreadable-message")
        assert "its version is 9" in problem["detail"]


# --- the timeline ----------------------------------------------------------------------------------------


async def test_the_timeline_has_everything_that_happened_to_a_message(service: Service) -> None:
    location = await dead(service)
    service.clock.advance(timedelta(seconds=1))
    await service.client.post(f"{location}/replay")
    await patched(service, location, {"in": "1s"})
    service.clock.advance(timedelta(seconds=1.5))
    await service.deliver()
    shown: dict[str, Any] = (await service.client.get(location)).json()
    entries = [(entry["at"][17:23], entry["event"]) for entry in shown["timeline"]]
    assert entries == [
        ("00.000", "scheduled"),
        ("00.000", "claimed"),
        ("00.000", "attempt"),
        ("00.000", "dead"),
        ("01.000", "replayed"),
        ("01.000", "rescheduled"),
        ("02.500", "claimed"),
        ("02.500", "attempt"),
        ("02.500", "delivered"),
    ]
    by_event = {entry["event"]: entry for entry in shown["timeline"]}
    assert by_event["claimed"]["instance"] == "somebody"
    assert (by_event["attempt"]["result"], by_event["attempt"]["duration_ms"]) == ("delivered", 0)
    assert by_event["delivered"]["lateness_ms"] == 500
    assert shown["timeline"][2]["detail"] == "refused\nby the door"


async def test_the_timeline_of_a_cancelled_message_shows_the_cancellation(service: Service) -> None:
    location = await scheduled(service)
    await service.client.delete(location)
    assert await events_of(service, location) == ["scheduled", "cancelled"]
