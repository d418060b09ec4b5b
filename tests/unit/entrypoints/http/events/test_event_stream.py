from __future__ import annotations

import asyncio
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from postdate.application.live_events.watch_events import FeedPosition, Notice
from postdate.domain.errors import StoreUnavailableError
from postdate.entrypoints.http.events.event_stream import EventStream
from tests.contracts.event_feed import event
from tests.unit.entrypoints.http.problem import errors_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from postdate.application.live_events.watch_events import FeedUpdate
    from tests.unit.entrypoints.http.service import Service

PATH = "/v1/events"
POSITION = FeedPosition(entry_id="5-0", seen=2)


class Client:
    """An ASGI client that may be slow and may disconnect."""

    def __init__(self, *, slow: bool = False) -> None:
        self.sent: deque[dict[str, Any]] = deque()
        self.disconnected = asyncio.Event()
        self._slow = slow

    async def receive(self) -> Any:  # noqa: ANN401  # as ASGI has it
        await self.disconnected.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:  # noqa: ANN401  # likewise
        self.sent.append(message)
        if self._slow:
            await asyncio.Event().wait()

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent).decode()


class FixedUpdates:
    """The updates of a test.

    Attributes:
        open: Whether a stream still waits for more.
    """

    def __init__(self, *updates: FeedUpdate, then: Callable[[], None] = lambda: None) -> None:
        self._updates = updates
        self._then = then
        self.open = True

    async def __call__(self, *, endless: bool = False) -> AsyncGenerator[FeedUpdate]:
        try:
            for item in self._updates:
                yield item
            self._then()
            if endless:
                await asyncio.Event().wait()
        finally:
            self.open = False


async def sent_by(stream: EventStream, client: Client) -> None:
    async with asyncio.timeout(10):
        await stream({}, client.receive, client.send)  # type: ignore[arg-type]  # the stream reads nothing of the scope


async def test_events_are_sent_as_server_sent_events(service: Service) -> None:
    del service
    client = Client()
    updates = FixedUpdates((POSITION, Notice.HEARTBEAT), (POSITION, event("1", ("a",))), (POSITION, Notice.GAP))
    await sent_by(EventStream(updates()), client)
    start, *_, last = client.sent
    assert start["status"] == HTTPStatus.OK
    assert (b"content-type", b"text/event-stream; charset=utf-8") in start["headers"]
    assert last["more_body"] is False
    assert client.text == (
        "retry: 1000\n\n"
        ": heartbeat\nid: 5-0.2\n\n"
        "event: delivered\nid: 5-0.2\n"
        'data: {"id":"1","event":"delivered","at":"2026-01-01T00:00:00.000Z","status":"delivered","to":"console",'
        '"labels":["a"],"due_at":"2026-01-01T00:00:00.000Z","attempts":1}\n\n'
        "event: gap\nid: 5-0.2\ndata: {}\n\n"
    )


async def test_a_stream_ends_when_its_client_disconnects() -> None:
    client = Client()
    updates = FixedUpdates((POSITION, event()), then=client.disconnected.set)
    await sent_by(EventStream(updates(endless=True)), client)
    assert not updates.open


async def test_a_client_that_is_too_slow_is_disconnected() -> None:
    client, updates = Client(slow=True), FixedUpdates((POSITION, event()))
    await sent_by(EventStream(updates(endless=True), send_timeout_seconds=0.01), client)
    assert len(client.sent) == 1


async def test_a_stream_ends_when_the_store_becomes_unavailable() -> None:
    def fail() -> None:
        raise StoreUnavailableError("away")

    client = Client()
    await sent_by(EventStream(FixedUpdates((POSITION, event()), then=fail)()), client)
    assert client.text.count("event: delivered") == 1


@pytest.mark.parametrize("last_seen", ["nonsense", "1-2", "1-2.3.4", "-1-2.3", f"{10**19 * 9}-0.1", "٣-0.1"])
async def test_an_invalid_last_event_id_is_a_problem(service: Service, last_seen: str) -> None:
    response = await service.client.get(PATH, headers={b"last-event-id": last_seen.encode()})
    assert list(errors_of(response)) == ["Last-Event-ID"]


async def test_an_unknown_filter_is_a_problem(service: Service) -> None:
    assert list(errors_of(await service.client.get(PATH, params={"limit": 3}))) == ["limit"]
    assert list(errors_of(await service.client.get(PATH, params={"status": "lost"}))) == ["status"]
