"""Requests as a server hands them over, piece by piece."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.entrypoints.http.service import SETTINGS

if TYPE_CHECKING:
    from tests.unit.entrypoints.http.service import Service

DOCUMENT = b'{"body": "in pieces"}'
JSON = (b"content-type", b"application/json")
GONE = {"type": "http.disconnect"}


def pieces(*parts: bytes) -> list[dict[str, Any]]:
    last = len(parts) - 1
    return [
        {"type": "http.request", "body": part, "more_body": number < last} for number, part in enumerate(parts)
    ]


async def status_of(service: Service, events: list[dict[str, Any]], *headers: tuple[bytes, bytes]) -> HTTPStatus:
    """Sends these events, and none beyond; returns the status of the answer."""
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


async def test_a_body_is_put_together_from_its_pieces(service: Service) -> None:
    events = pieces(DOCUMENT[:5], b"", DOCUMENT[5:])
    assert await status_of(service, events, JSON) == HTTPStatus.CREATED
    assert [message.body for message in await service.stored()] == [b'"in pieces"']


async def test_a_piece_may_leave_out_what_is_nothing(service: Service) -> None:
    assert await status_of(service, [{"type": "http.request"}]) == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("announced", [b"", b"21", b"no number"])
async def test_what_is_announced_does_not_have_to_be_right(service: Service, announced: bytes) -> None:
    assert await status_of(service, pieces(DOCUMENT), (b"content-length", announced)) == HTTPStatus.CREATED


async def test_a_request_that_is_announced_as_too_large_is_not_read(service: Service) -> None:
    too_many = b"%d" % (SETTINGS.max_request_bytes + 1)
    status = await status_of(service, [], JSON, (b"content-length", too_many))
    assert status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


async def test_a_request_that_becomes_too_large_is_not_read_to_its_end(service: Service) -> None:
    events = pieces(DOCUMENT, b" " * SETTINGS.max_request_bytes, b" ")
    assert await status_of(service, events, JSON) == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert len(events) == 1


async def test_nothing_is_scheduled_for_a_client_that_leaves_half_way(service: Service) -> None:
    assert await status_of(service, [*pieces(DOCUMENT, b"")[:1], GONE], JSON) == HTTPStatus.BAD_REQUEST
    assert await service.stored() == []
