"""Conditional requests, edits, deliver now, replay, and the timeline that tells of them."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from postdate.domain.errors import StoreUnavailableError, UnreadableMessageError
from postdate.domain.messages.outcome import Failure
from tests.unit.entrypoints.http.problem import faults_of, problem_of

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
    return [happened["event"] for happened in (await service.client.get(location)).json()["timeline"]]


# --- what has been seen already --------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
async def test_what_the_client_has_already_is_not_sent_again(service: Service, form: str) -> None:
    location = await scheduled(service)
    tag = (await service.client.get(location)).headers["etag"]
    answer = await service.client.get(location, headers={"if-none-match": form.format(tag)})
    assert (answer.status_code, answer.content) == (HTTPStatus.NOT_MODIFIED, b"")
    assert answer.headers["etag"] == tag


@pytest.mark.parametrize("form", ["", '"x"', "x"])
async def test_what_the_client_does_not_have_is_sent(service: Service, form: str) -> None:
    answer = await service.client.get(await scheduled(service), headers={"if-none-match": form})
    assert answer.status_code == HTTPStatus.OK


async def test_each_change_makes_another_tag(service: Service) -> None:
    location = await scheduled(service)
    tags = [(await service.client.get(location)).headers["etag"]]
    for document in (
        {"labels": ["a"]},
        {"body": 2},
        {"headers": {"x": "y"}},
        {"retry": {"attempts": 2}},
        {"in": "0s"},
    ):
        answer = await patched(service, location, document)
        tags += [answer.headers["etag"]]
        assert (await service.client.get(location)).headers["etag"] == tags[-1]
    await service.claim()
    tags += [(await service.client.get(location)).headers["etag"]]
    assert len(set(tags)) == len(tags) == 7


async def test_a_message_that_was_changed_there_and_back_has_another_tag(service: Service) -> None:
    location = await scheduled(service)
    before = (await service.client.get(location)).headers["etag"]
    for wait in ("2h", "1h"):
        answer = await patched(service, location, {"in": wait})
    assert answer.json()["at"] == "2026-01-01T01:00:00.000Z"
    assert answer.headers["etag"] != before


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
async def test_what_is_given_is_changed_and_nothing_else(
    service: Service, document: dict[str, object], shown: dict[str, object]
) -> None:
    location = await scheduled(service, {"body": 1, "at": KYIV, "expires_in": "9000d", "labels": ["a"]})
    before = (await service.client.get(location)).json()
    answer = await patched(service, location, document)
    assert answer.status_code == HTTPStatus.OK
    after = answer.json()
    assert {name: after[name] for name in shown} == shown
    untouched = before.keys() - shown.keys() - {"timeline", "at", "due_at", "at_local"}
    assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}
    assert (await service.client.get(location)).json() == after


async def test_a_moment_in_the_place_of_a_local_time_takes_that_away(service: Service) -> None:
    location = await scheduled(service, {"body": 1, "at": KYIV})
    answer = await patched(service, location, {"at": "2027-03-28T01:00:00Z"})
    assert answer.json()["at_local"] is None


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
async def test_a_fault_in_an_edit_names_its_place(service: Service, document: object, path: str) -> None:
    location = await scheduled(service)
    assert list(faults_of(await patched(service, location, document))) == [path]
    assert len((await service.stored())[0].history) == 0


async def test_an_edit_over_the_body_limit_is_refused(service: Service) -> None:
    answer = await patched(service, await scheduled(service), {"body": "x" * 2000})
    problem_of(answer, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@pytest.mark.parametrize("form", ["{}", '"x", {}', "*"])
async def test_an_edit_of_the_state_that_was_read_is_made(service: Service, form: str) -> None:
    created = await service.schedule(LATER)
    headers = {"if-match": form.format(created.headers["etag"])}
    answer = await patched(service, created.headers["location"], {"body": 2}, **headers)
    assert answer.status_code == HTTPStatus.OK


@pytest.mark.parametrize("form", ["", "x", '"x"', "W/{}"])
async def test_an_edit_of_another_state_is_refused(service: Service, form: str) -> None:
    created = await service.schedule(LATER)
    headers = {"if-match": form.format(created.headers["etag"])}
    answer = await patched(service, created.headers["location"], {"body": 2}, **headers)
    problem_of(answer, HTTPStatus.PRECONDITION_FAILED)
    assert (await service.stored())[0].body == b"1"


async def test_of_two_edits_of_one_state_the_second_is_refused(service: Service) -> None:
    created = await service.schedule(LATER)
    headers = {"if-match": created.headers["etag"]}
    answers = [await patched(service, created.headers["location"], {"body": n}, **headers) for n in (2, 3)]
    assert [answer.status_code for answer in answers] == [HTTPStatus.OK, HTTPStatus.PRECONDITION_FAILED]
    assert (await service.stored())[0].body == b"2"


# --- deliver now, replay ---------------------------------------------------------------------------------


async def test_a_message_that_waits_can_be_had_now(service: Service) -> None:
    location = await scheduled(service)
    answer = await service.client.post(f"{location}/deliver")
    assert answer.status_code == HTTPStatus.ACCEPTED
    assert answer.json()["due_at"] == "2026-01-01T00:00:00.000Z"
    assert answer.json()["at"] == "2026-01-01T01:00:00.000Z"
    assert len(await service.claim()) == 1


async def test_a_dead_message_can_be_replayed(service: Service) -> None:
    location = await dead(service)
    answer = await service.client.post(f"{location}/replay")
    assert answer.status_code == HTTPStatus.ACCEPTED
    assert (answer.json()["status"], answer.json()["attempts"]) == ("scheduled", 0)
    assert len(await service.claim()) == 1


async def test_only_the_dead_are_replayed(service: Service) -> None:
    answer = await service.client.post(f"{await scheduled(service)}/replay")
    assert problem_of(answer, HTTPStatus.CONFLICT)["type"].endswith("#wrong-state")


@pytest.mark.parametrize("state", ["delivering", "delivered", "cancelled"])
async def test_what_waits_no_more_is_not_changed(service: Service, state: str) -> None:
    location = await scheduled(service, {"body": 1})
    if state == "cancelled":
        await service.client.delete(location)
    else:
        await (service.claim() if state == "delivering" else service.deliver())
    for answer in (
        await patched(service, location, {"body": 2}),
        await service.client.post(f"{location}/deliver"),
        await service.client.post(f"{location}/replay"),
    ):
        assert state in problem_of(answer, HTTPStatus.CONFLICT)["detail"]


@pytest.mark.parametrize(("method", "tail"), [("PATCH", ""), ("POST", "/deliver"), ("POST", "/replay")])
@pytest.mark.parametrize("message_id", ["000000000000", "x", "%00", "A" * 2000])
async def test_what_is_not_there_is_not_found(service: Service, method: str, tail: str, message_id: str) -> None:
    path = f"/v1/messages/{message_id}{tail}"
    headers = {"if-match": '"x"'}
    answer = await service.client.request(method, path, json={"body": 1}, headers=headers)
    assert problem_of(answer, HTTPStatus.NOT_FOUND)["type"].endswith("#message-not-found")


@pytest.mark.parametrize(("method", "tail"), [("PATCH", ""), ("POST", "/deliver"), ("POST", "/replay")])
async def test_while_the_store_is_away_nothing_is_changed(service: Service, method: str, tail: str) -> None:
    location = await scheduled(service)
    service.store.trouble = StoreUnavailableError("gone")
    answer = await service.client.request(method, location + tail, json={"body": 1})
    problem_of(answer, HTTPStatus.SERVICE_UNAVAILABLE)
    assert "retry-after" in answer.headers


async def test_a_record_that_cannot_be_read_has_a_problem_of_its_own(service: Service) -> None:
    location = await scheduled(service)
    service.store.trouble = UnreadableMessageError("an id", "its version is 9")
    for method in ("GET", "PATCH"):
        answer = await service.client.request(method, location, json={"body": 1})
        problem = problem_of(answer, HTTPStatus.INTERNAL_SERVER_ERROR)
        assert problem["type"].endswith("#unreadable-message")
        assert "its version is 9" in problem["detail"]


# --- the timeline ----------------------------------------------------------------------------------------


async def test_the_timeline_tells_all_that_has_happened(service: Service) -> None:
    location = await dead(service)
    service.clock.advance(timedelta(seconds=1))
    await service.client.post(f"{location}/replay")
    await patched(service, location, {"in": "1s"})
    service.clock.advance(timedelta(seconds=1.5))
    await service.deliver()
    shown: dict[str, Any] = (await service.client.get(location)).json()
    told = [(happened["at"][17:23], happened["event"]) for happened in shown["timeline"]]
    assert told == [
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
    by_event = {happened["event"]: happened for happened in shown["timeline"]}
    assert by_event["claimed"]["instance"] == "somebody"
    assert (by_event["attempt"]["result"], by_event["attempt"]["duration_ms"]) == ("delivered", 0)
    assert by_event["delivered"]["lateness_ms"] == 500
    assert shown["timeline"][2]["detail"] == "refused\nby the door"


async def test_a_cancelled_message_says_so(service: Service) -> None:
    location = await scheduled(service)
    await service.client.delete(location)
    assert await events_of(service, location) == ["scheduled", "cancelled"]
