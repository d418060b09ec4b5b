"""The middlewares for ASGI and WSGI, tested by the same requests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from postdate.receiver import MemoryDeliveries, WebhookMiddleware, WsgiWebhookMiddleware
from tests.unit.receiver.signed import BODY, OTHER, SECRET, signed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, MutableMapping

Clients = dict[str, httpx.AsyncClient]


class App:
    """An application for ASGI and WSGI that responds as a test defines."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.statuses: list[int] = []
        self.error: Exception | None = None
        self.unblocked: asyncio.Event | None = None

    async def asgi(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 - as ASGI defines it
        if scope["type"] == "http":
            self.bodies.append((await receive())["body"])
            if self.unblocked is not None:
                await self.unblocked.wait()
            if self.error is not None:
                raise self.error
            status = self.statuses.pop(0) if self.statuses else 200
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b"done"})

    def wsgi(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.bodies.append(environ["wsgi.input"].read())
        if self.error is not None:
            raise self.error
        start_response(f"{self.statuses.pop(0) if self.statuses else 200} Status", [])
        return [b"do", b"ne"]


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture(params=["asgi", "wsgi"])
async def client(request: pytest.FixtureRequest, app: App) -> AsyncIterator[httpx.AsyncClient]:
    deliveries = MemoryDeliveries()
    transport: httpx.AsyncBaseTransport
    if request.param == "asgi":
        guarded = WebhookMiddleware(app.asgi, SECRET, deliveries, path="/hook", max_body_bytes=1_000)
        transport = httpx.ASGITransport(guarded)
    else:
        transport = ThreadedWsgiTransport(
            WsgiWebhookMiddleware(app.wsgi, SECRET, deliveries, path="/hook", max_body_bytes=1_000)
        )
    async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as client:
        yield client


class ThreadedWsgiTransport(httpx.AsyncBaseTransport):
    """Runs a WSGI application in a thread, as its server does."""

    def __init__(self, app: Any) -> None:  # noqa: ANN401 - as WSGI defines it
        self._transport = httpx.WSGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()

        def call() -> httpx.Response:
            response = self._transport.handle_request(request)
            return httpx.Response(response.status_code, headers=response.headers, content=response.read())

        return await asyncio.to_thread(call)


async def post(
    client: httpx.AsyncClient, headers: dict[str, str] | None = None, body: bytes = BODY
) -> httpx.Response:
    return await client.post("/hook", content=body, headers=signed() if headers is None else headers)


async def test_a_genuine_message_reaches_the_application_with_its_whole_body(
    client: httpx.AsyncClient, app: App
) -> None:
    response = await post(client)
    assert (response.status_code, response.content) == (200, b"done")
    assert app.bodies == [BODY]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 400), (signed(secret=OTHER), 401), (signed(b"{}"), 401), (signed(at=1_000_000_000), 400)],
    ids=["unsigned", "another secret", "another body", "stale"],
)
async def test_a_message_that_is_not_genuine_or_fresh_never_reaches_the_application(
    client: httpx.AsyncClient, app: App, headers: dict[str, str], status: int
) -> None:
    assert (await post(client, headers)).status_code == status
    assert app.bodies == []


async def test_a_body_that_is_too_long_is_refused(client: httpx.AsyncClient, app: App) -> None:
    body = b"x" * 1_001
    assert (await post(client, signed(body), body)).status_code == 413
    assert app.bodies == []


async def test_other_paths_are_not_guarded(client: httpx.AsyncClient, app: App) -> None:
    assert (await client.get("/health")).status_code == 200
    assert app.bodies == [b""]


async def test_a_handled_message_is_not_handled_again(client: httpx.AsyncClient, app: App) -> None:
    assert [(await post(client)).status_code for _ in range(3)] == [200, 204, 204]
    assert len(app.bodies) == 1
    assert (await post(client, signed(message_id="msg_2"))).status_code == 200


@pytest.mark.parametrize("status", [302, 404, 429, 500])
async def test_a_message_that_was_not_handled_is_handled_at_the_next_attempt(
    client: httpx.AsyncClient, app: App, status: int
) -> None:
    app.statuses = [status, 200]
    assert [(await post(client)).status_code for _ in range(3)] == [status, 200, 204]


async def test_a_handler_that_raises_has_not_handled_its_message(client: httpx.AsyncClient, app: App) -> None:
    app.error = RuntimeError("broken")
    with pytest.raises(RuntimeError):
        await post(client)
    app.error = None
    assert (await post(client)).status_code == 200


@pytest.mark.parametrize("client", ["asgi"], indirect=True)
async def test_an_attempt_during_another_is_refused_with_409(client: httpx.AsyncClient, app: App) -> None:
    app.unblocked = asyncio.Event()
    first = asyncio.create_task(post(client))
    while not app.bodies:  # noqa: ASYNC110 - the application runs in this loop
        await asyncio.sleep(0)
    assert (await post(client)).status_code == 409
    app.unblocked.set()
    assert (await first).status_code == 200
    assert (await post(client)).status_code == 204


async def test_a_client_that_disconnects_gets_no_response(app: App) -> None:
    sent: list[object] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(event: object) -> None:
        sent.append(event)

    await WebhookMiddleware(app.asgi, SECRET)({"type": "http", "path": "/", "headers": []}, receive, send)
    assert (sent, app.bodies) == ([], [])
