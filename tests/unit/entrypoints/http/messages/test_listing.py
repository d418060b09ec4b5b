from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from postdate.domain.errors import StoreUnavailableError
from tests.unit.entrypoints.http.problem import errors_of, problem_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from postdate.domain.messages.message import Message
    from tests.unit.entrypoints.http.service import Service

PATH = "/v1/messages"
SECOND = timedelta(seconds=1)


async def stored(service: Service, count: int, *labels: str, to: str = "console") -> list[Message]:
    """Stores messages. The first is due now, and each other one a second after the one before it."""
    now = service.clock.now()
    messages = []
    for number in range(count):
        answer = await service.schedule({"body": number})
        message = await service.world.store.get(answer.json()["id"])
        assert message is not None
        due_at = now + number * SECOND
        wanted = replace(message, labels=labels, to=to, at=due_at, due_at=due_at)
        await service.world.store.change(message.id, _replace_by(wanted))
        messages.append(wanted)
    return messages


def _replace_by(wanted: Message) -> Callable[[Message], Message]:
    return lambda _: wanted


async def listed(service: Service, **parameters: str | int | list[str]) -> dict[str, Any]:
    answer = await service.client.get(PATH, params=parameters)
    assert answer.status_code == HTTPStatus.OK, answer.text
    page: dict[str, Any] = answer.json()
    assert set(page) == {"items", "next"}
    return page


def ids_in(page: dict[str, Any]) -> list[str]:
    return [item["id"] for item in page["items"]]


async def test_the_list_of_an_empty_store_is_empty(service: Service) -> None:
    assert await listed(service) == {"items": [], "next": None}


async def test_an_item_has_the_same_fields_as_the_message_alone(service: Service) -> None:
    (message,) = await stored(service, 1)
    alone = (await service.client.get(f"{PATH}/{message.id}")).json()
    (item,) = (await listed(service))["items"]
    assert item == {name: alone[name] for name in item}
    assert item["id"] == message.id


async def test_pages_are_in_due_order(service: Service) -> None:
    messages = await stored(service, 5)
    pages = [await listed(service, limit=2)]
    while pages[-1]["next"]:
        pages.append(await listed(service, limit=2, cursor=pages[-1]["next"]))
    assert [ids_in(page) for page in pages] == [
        [message.id for message in messages[start : start + 2]] for start in (0, 2, 4)
    ]


async def test_a_page_has_a_hundred_messages_by_default(service: Service) -> None:
    await stored(service, 101)
    page = await listed(service)
    assert len(page["items"]) == 100
    assert len((await listed(service, cursor=page["next"]))["items"]) == 1
    assert len((await listed(service, limit=1000))["items"]) == 101


async def test_filters_select_what_is_listed(service: Service) -> None:
    first, second, third = await stored(service, 3, "a", "b")
    await stored(service, 2, "c", to="elsewhere")
    await service.client.delete(f"{PATH}/{first.id}")
    assert ids_in(await listed(service, label="b")) == [first.id, second.id, third.id]
    assert ids_in(await listed(service, label="b", status="cancelled")) == [first.id]
    assert len(ids_in(await listed(service, to="elsewhere"))) == 2
    assert ids_in(await listed(service, status=["cancelled", "scheduled"], to="console")) == [
        first.id,
        second.id,
        third.id,
    ]
    window = {"due_after": "2026-01-01T00:00:01Z", "due_before": "1767225602000", "label": "a"}
    assert ids_in(await listed(service, **window)) == [second.id]


async def test_a_parameter_without_a_value_is_ignored(service: Service) -> None:
    messages = await stored(service, 2)
    answer = await service.client.get(f"{PATH}?status=&to=&label=&due_after=&due_before=&limit=&cursor=")
    assert ids_in(answer.json()) == [message.id for message in messages]


async def test_a_message_is_listed_once_while_others_are_added_and_cancelled(service: Service) -> None:
    messages = await stored(service, 9)
    page = await listed(service, limit=3)
    seen = ids_in(page)
    while page["next"]:
        await service.schedule({"body": "comes", "in": "1s"})
        await service.client.delete(f"{PATH}/{messages[0].id}")
        page = await listed(service, limit=3, cursor=page["next"])
        seen += ids_in(page)
    assert len(set(seen)) == len(seen)
    assert {message.id for message in messages} <= set(seen)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"status": "lost"}, "status"),
        ({"status": ["scheduled", "SCHEDULED"]}, "status"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "1e2"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"limit": ["1", "2"]}, "limit"),
        ({"label": ["a", "b"]}, "label"),
        ({"due_after": "soon"}, "due_after"),
        ({"due_before": "2026-02-30T00:00:00Z"}, "due_before"),
        ({"due_before": "1767225600"}, "due_before"),
        ({"offset": "3"}, "offset"),
        ({"Status": "scheduled"}, "Status"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "="}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"cursor": urlsafe_b64encode(b"\xff" * 30).decode()}, "cursor"),
        ({"cursor": urlsafe_b64encode(b"\0" * 14 + b"\xff").decode()}, "cursor"),
    ],
)
async def test_an_invalid_parameter_is_a_problem_that_names_it(
    service: Service, parameters: dict[str, Any], name: str
) -> None:
    assert list(errors_of(await service.client.get(PATH, params=parameters))) == [name]


async def test_a_cursor_is_valid_only_with_the_filters_of_its_list(service: Service) -> None:
    await stored(service, 3, "a")
    cursor = (await listed(service, limit=1, label="a"))["next"]
    await listed(service, limit=2, label="a", cursor=cursor)
    for others in ({}, {"label": "b"}, {"label": "a", "status": "scheduled"}):
        answer = await service.client.get(PATH, params={**others, "cursor": cursor})
        assert list(errors_of(answer)) == ["cursor"]


async def test_a_changed_cursor_is_rejected(service: Service) -> None:
    await stored(service, 3)
    cursor = (await listed(service, limit=1))["next"]
    for index in range(8):
        changed = cursor[:index] + ("A" if cursor[index] != "A" else "B") + cursor[index + 1 :]
        assert list(errors_of(await service.client.get(PATH, params={"cursor": changed}))) == ["cursor"]


async def test_an_unavailable_store_is_a_503(service: Service) -> None:
    service.store.trouble = StoreUnavailableError("away")
    problem_of(await service.client.get(PATH), HTTPStatus.SERVICE_UNAVAILABLE)
