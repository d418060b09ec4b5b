"""Requests whose body the server delivers in chunks."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.entrypoints.http.service import SETTINGS

if TYPE_CHECKING:
    from tests.unit.entrypoints.http.service import Service

DOCUMENT = b'{"body": "in pieces"}'
JSON = (b"content-type", b"application/json")
DISCONNECT = {"type": "http.disconnect"}


def chunks(*contents: bytes) -> list[dict[str, Any]]:
    last = len(contents) - 1
    return [
        {"type": "http.request", "body": content, "more_body": number < last}
        for number, content in enumerate(contents)
    ]


async def status_of(service: Service, events: list[dict[str, Any]], *headers: tuple[bytes, bytes]) -> HTTPStatus:
    """Sends these events and no others. Returns the status of the response."""
    sent: list[Any] = []

    async def receive() -> Any:  # noqa: ANN401  # as ASGI has it
        return events.pop(0)

    async def send(event: Any) -> None:  # noqa: ANN401  # likewise
        sent.append(event)

    scope: Any = {
        "type": "http",
        "method": "POST",
        "path": "/v1/messages",
        "query_string": b"",
        "headers": list(headers),
    }
    await service.app(scope, receive, send)
    return HTTPStatus(sent[0]["status"])


async def test_a_body_is_joined_from_its_chunks(service: Service) -> None:
    events = chunks(DOCUMENT[:5], b"", DOCUMENT[5:])
    assert await status_of(service, events, JSON) == HTTPStatus.CREATED
    assert [message.body for message in await service.stored()] == [b'"in pieces"']


async def test_a_chunk_may_leave_out_its_content(service: Service) -> None:
    assert await status_of(service, [{"type": "http.request"}]) == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("content_length", [b"", b"21", b"not a number"])
async def test_a_wrong_content_length_is_ignored(service: Service, content_length: bytes) -> None:
    assert await status_of(service, chunks(DOCUMENT), (b"content-length", content_length)) == HTTPStatus.CREATED


async def test_a_request_whose_content_length_is_over_the_limit_is_not_read(service: Service) -> None:
    too_many = b"%d" % (SETTINGS.max_request_bytes + 1)
    status = await status_of(service, [], JSON, (b"content-length", too_many))
    assert status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


async def test_a_request_that_becomes_too_large_is_not_read_to_its_end(service: Service) -> None:
    events = chunks(DOCUMENT, b" " * SETTINGS.max_request_bytes, b" ")
    assert await status_of(service, events, JSON) == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert len(events) == 1


async def test_nothing_is_scheduled_for_a_client_that_disconnects_before_the_end(service: Service) -> None:
    assert await status_of(service, [*chunks(DOCUMENT, b"")[:1], DISCONNECT], JSON) == HTTPStatus.BAD_REQUEST
    assert await service.stored() == []
