"""The webhook channel with a real receiver."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp.client_proto import ResponseHandler
from standardwebhooks import Webhook

from postdate.adapters.channels.webhook.response_handler import MAX_INTERIM_RESPONSES
from postdate.application.ports.delivery_channel import Batch
from postdate.domain.errors import InvalidDestinationError, StoreUnavailableError
from postdate.domain.ids import MessageId
from postdate.domain.messages.outcome import Delivered, Failed, NotStarted, Outcome
from postdate.testing.contracts.delivery_channel import DeliveryChannelContract, outcomes_of
from tests.integration.webhook.conftest import SECRET, channel_with, message_to
from tests.integration.webhook.receiver import OK, Received, Receiver, receiving, response

if TYPE_CHECKING:
    from asyncio import StreamWriter
    from collections.abc import Sequence

    from postdate.adapters.channels.webhook import WebhookChannel
    from postdate.application.ports.delivery_channel import DeliveryChannel
    from postdate.domain.messages.message import Message

OTHER_SECRET = "whsec_bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g="  # noqa: S105 - made up
PROMPTLY_SECONDS = 5


async def deliver(channel: DeliveryChannel, *messages: Message) -> list[Outcome]:
    named = [replace(message, id=MessageId(f"id{number}")) for number, message in enumerate(messages)]
    return await outcomes_of(channel, Batch(messages=named, may_start=lambda: True))


async def deliver_one(channel: DeliveryChannel, message: Message) -> Outcome:
    (outcome,) = await deliver(channel, message)
    return outcome


class TestWebhookChannel(DeliveryChannelContract):
    @pytest.fixture
    def to(self, receiver: Receiver) -> str:
        return receiver.url()


# --- the request -----------------------------------------------------------------------------------------


async def test_a_message_is_posted_with_its_signature_and_its_headers(
    channel: WebhookChannel, receiver: Receiver
) -> None:
    message = message_to(receiver.url("/a%2Fb?c=d&e"), body=b'{"cart":42}', headers=(("X-Cart", "42"),))
    assert await deliver_one(channel, message) == Delivered(detail="HTTP 200 OK\nok")
    (request,) = receiver.received
    assert request.line == "POST /a%2Fb?c=d&e HTTP/1.1"
    assert request.body == b'{"cart":42}'
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert (request.headers["content-type"], request.headers["x-cart"]) == ("application/json", "42")
    assert request.headers["postdate-attempt"] == "1"
    assert {"postdate-scheduled-for", "postdate-lateness-ms", "traceparent"} <= request.headers.keys()
    assert Webhook(SECRET).verify(request.body, request.headers) == {"cart": 42}


@pytest.mark.parametrize("secret", [SECRET, OTHER_SECRET])
async def test_a_receiver_can_verify_with_either_secret_during_rotation(receiver: Receiver, secret: str) -> None:
    async with channel_with(secrets=(OTHER_SECRET, SECRET)) as channel:
        await deliver_one(channel, message_to(receiver.url(), body='"žluť"'.encode()))
    (request,) = receiver.received
    assert request.body == "žluť".encode()
    Webhook(secret).verify(request.body, request.headers, json_parse=False)


async def test_connections_are_reused(channel: WebhookChannel, receiver: Receiver) -> None:
    for _ in range(5):
        assert isinstance(await deliver_one(channel, message_to(receiver.url())), Delivered)
    assert receiver.connections == 1


async def test_proxy_variables_are_ignored(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with channel_with() as channel:
        assert isinstance(await deliver_one(channel, message_to(receiver.url())), Delivered)


async def test_no_request_is_sent_and_no_attempt_counted_without_a_secret(receiver: Receiver) -> None:
    async with channel_with() as channel:

        async def unavailable() -> Sequence[str]:
            raise StoreUnavailableError("no answer")

        channel._secrets = unavailable  # noqa: SLF001
        assert await deliver_one(channel, message_to(receiver.url())) == NotStarted()
    assert receiver.received == []


# --- the response ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["204 No Content", "299 Odd"])
async def test_a_2xx_response_is_delivered(channel: WebhookChannel, receiver: Receiver, status: str) -> None:
    receiver.responses = [response(status)]
    assert await deliver_one(channel, message_to(receiver.url())) == Delivered(detail=f"HTTP {status}")


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "307 Temporary Redirect", "410 Gone", "404 Not Found"]
)
async def test_redirects_are_not_followed_and_fail_permanently_as_other_refusals_do(
    channel: WebhookChannel, receiver: Receiver, status: str
) -> None:
    receiver.responses = [response(status, f"Location: {receiver.url('/elsewhere')}", body=b"go there")]
    outcome = await deliver_one(channel, message_to(receiver.url()))
    code = status[:3]
    assert outcome == Failed(
        reason=f"the receiver answered {code}", detail=f"HTTP {status}\ngo there", permanent=True
    )
    assert [request.path for request in receiver.received] == ["/"]


async def test_a_busy_receiver_may_say_when_to_try_again(channel: WebhookChannel, receiver: Receiver) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    receiver.responses = [response("503 Busy", "Retry-After: 7"), response("429 Slow", f"Retry-After: {date}")]
    outcomes = [await deliver_one(channel, message_to(receiver.url())) for _ in range(2)]
    by_seconds, by_date = (outcome for outcome in outcomes if isinstance(outcome, Failed))
    assert not by_seconds.permanent
    assert by_seconds.retry_after == timedelta(seconds=7)
    assert by_date.retry_after is not None
    assert timedelta(seconds=90) < by_date.retry_after <= timedelta(seconds=100)


async def test_the_first_bytes_of_a_body_are_stored_and_the_connection_is_reused(
    channel: WebhookChannel, receiver: Receiver
) -> None:
    receiver.responses = [
        response("500 Oops", body=b"x" * 1_024 + b"y" * 3_000),
        response("500 Oops", body=b"\xff\x00"),
    ]
    first = await deliver_one(channel, message_to(receiver.url()))
    second = await deliver_one(channel, message_to(receiver.url()))
    assert isinstance(first, Failed)
    assert first.detail == "HTTP 500 Oops\n" + "x" * 1_024
    assert isinstance(second, Failed)
    assert second.detail == "HTTP 500 Oops\n\\xff\x00"
    assert receiver.connections == 1


async def test_an_endless_body_is_cut_off(channel: WebhookChannel, receiver: Receiver) -> None:
    cut_off = asyncio.Event()

    async def pour(_: Received, writer: StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 4_096)
                await writer.drain()
        except ConnectionError:
            cut_off.set()
            raise

    receiver.behaviour = pour
    async with asyncio.timeout(PROMPTLY_SECONDS):
        outcome = await deliver_one(channel, message_to(receiver.url()))
        await cut_off.wait()
    assert outcome == Delivered(detail="HTTP 200 OK\n" + "x" * 1_024)


async def test_a_body_that_stalls_does_not_change_the_outcome(channel: WebhookChannel, receiver: Receiver) -> None:
    async def begin(_: Received, writer: StreamWriter) -> None:
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\nabc")
        await asyncio.get_running_loop().create_future()

    receiver.behaviour = begin
    async with asyncio.timeout(PROMPTLY_SECONDS):
        assert await deliver_one(channel, message_to(receiver.url())) == Delivered(detail="HTTP 202 Accepted")


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"\x00" * 100,
        b"HTTP/1.1 200 OK\r\nX" + b"a" * 90_000,
    ],
    ids=["ssh", "status is not a number", "zeros", "endless header"],
)
async def test_a_response_that_is_not_http_is_tried_again_and_not_quoted_in_the_reason(
    channel: WebhookChannel, receiver: Receiver, answer: bytes
) -> None:
    async def send(_: Received, writer: StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    receiver.behaviour = send
    outcome = await deliver_one(channel, message_to(receiver.url()))
    assert isinstance(outcome, Failed)
    assert not outcome.permanent
    assert "SSH" not in outcome.reason


# --- more than one response ------------------------------------------------------------------------------

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize(
    "interim", [CONTINUE, b"HTTP/1.1 103 Early Hints\nLink: </a>\n\n"], ids=["100", "103, lf"]
)
async def test_an_endless_sequence_of_interim_responses_ends_the_attempt_and_leaves_the_loop_responsive(
    channel: WebhookChannel, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, interim: bytes
) -> None:
    parsed, most_between_ticks = 0, 0

    async def flood(_: Received, writer: StreamWriter) -> None:
        while True:
            writer.write(interim * 10_000)
            await writer.drain()

    async def tick() -> None:
        nonlocal parsed, most_between_ticks
        while True:
            parsed, most_between_ticks = 0, max(most_between_ticks, parsed)
            await asyncio.sleep(0)

    feed_data = ResponseHandler.feed_data

    def count(handler: ResponseHandler, *args: Any) -> None:  # noqa: ANN401  # they are aiohttp's
        nonlocal parsed
        parsed += 1
        feed_data(handler, *args)

    monkeypatch.setattr(ResponseHandler, "feed_data", count)
    receiver.behaviour = flood
    ticker = asyncio.create_task(tick())
    async with asyncio.timeout(PROMPTLY_SECONDS):
        outcome = await deliver_one(channel, message_to(receiver.url()))
    ticker.cancel()
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.permanent) == ("the receiver sent more than 8 interim responses (1xx)", False)
    assert 1 <= most_between_ticks <= MAX_INTERIM_RESPONSES + 1


async def test_a_few_interim_responses_are_skipped_on_each_request_of_a_connection(
    channel: WebhookChannel, receiver: Receiver
) -> None:
    receiver.responses = [CONTINUE * MAX_INTERIM_RESPONSES + OK for _ in range(3)]
    for _ in range(3):
        assert await deliver_one(channel, message_to(receiver.url())) == Delivered(detail="HTTP 200 OK\nok")
    assert receiver.connections == 1


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\nstray", "HTTP 204 No Content"),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nstray", "HTTP 204 No Content"),
        (b"HTTP/1.1 204 No Content\r\n\r\n" + response("500 Oops"), "HTTP 204 No Content"),
        (b"HTTP/1.1 204 No Content\r\n\r\n" + CONTINUE * 20, "HTTP 204 No Content"),
        (OK + b"\x00stray", "HTTP 200 OK\nok"),
        (OK + OK, "HTTP 200 OK\nok"),
        (b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nnot a chunk", "HTTP 202 Accepted"),
    ],
    ids=["stray body", "stray body with its length", "a second response", "interim", "garbage", "twice", "chunk"],
)
@pytest.mark.parametrize("pieces", [1, 1_000])
async def test_a_2xx_response_is_a_delivery_whatever_follows_it(
    channel: WebhookChannel, receiver: Receiver, answer: bytes, detail: str, pieces: int
) -> None:
    async def send(request: Received, writer: StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size = len(answer) // pieces + 1
        for start in range(0, len(answer) if request.path == "/" else 0, size):
            writer.write(answer[start : start + size])
            await writer.drain()
        if request.path != "/":
            writer.write(OK)

    receiver.behaviour = send
    outcome = await deliver_one(channel, message_to(receiver.url()))
    assert outcome == Delivered(detail=detail)


async def test_a_stray_response_is_not_taken_for_the_answer_to_the_next_request(
    channel: WebhookChannel, receiver: Receiver
) -> None:
    receiver.responses = [response("204 No Content") + OK, response("500 Oops"), OK]
    outcomes = [await deliver_one(channel, message_to(receiver.url())) for _ in range(2)]
    assert outcomes[0] == Delivered(detail="HTTP 204 No Content")
    assert isinstance(outcomes[1], Failed)
    assert receiver.connections == 2


# --- no response -----------------------------------------------------------------------------------------


async def test_a_response_that_does_not_come_in_time_is_a_failure(receiver: Receiver) -> None:
    async def keep_silent(_: Received, __: StreamWriter) -> None:
        await asyncio.get_running_loop().create_future()

    receiver.behaviour = keep_silent
    async with channel_with(timeout_ms=200) as channel:
        outcome = await deliver_one(channel, message_to(receiver.url()))
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.permanent) == ("no answer within PT0.2S", False)
    assert len(receiver.received) == 1


async def test_a_connection_that_does_not_open_in_time_has_a_reason_of_its_own(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    monkeypatch.setattr("postdate.adapters.channels.webhook.channel.CONNECT_TIMEOUT", timedelta(milliseconds=100))

    async def never(_: str) -> Sequence[str]:
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async with channel_with(resolve_name=never) as channel:
        outcome = await deliver_one(channel, message_to(receiver.url(host="name")))
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.permanent) == ("no connection in time", False)


async def test_a_receiver_that_cannot_be_reached_is_tried_again(channel: WebhookChannel) -> None:
    outcome = await deliver_one(channel, message_to("http://127.0.0.1:1/"))
    assert isinstance(outcome, Failed)
    assert outcome.reason.startswith("the connection failed")
    assert not outcome.permanent


async def test_a_broken_connection_is_one_attempt(channel: WebhookChannel, receiver: Receiver) -> None:
    async def hang_up(_: Received, writer: StreamWriter) -> None:
        writer.close()

    receiver.behaviour = hang_up
    outcome = await deliver_one(channel, message_to(receiver.url()))
    assert isinstance(outcome, Failed)
    assert not outcome.permanent
    assert len(receiver.received) == 1


# --- allowed addresses -----------------------------------------------------------------------------------


async def test_an_address_that_is_not_public_is_refused_at_connection(receiver: Receiver) -> None:
    async with channel_with(loopback_allowed=False) as channel:
        outcomes = await deliver(
            channel,
            message_to(receiver.url()),
            message_to(receiver.url(host="localhost")),
            message_to(receiver.url(host="[::ffff:127.0.0.1]")),
            message_to(receiver.url(host="127.1")),
        )
    assert receiver.connections == 0
    assert [isinstance(it, Failed) and it.permanent and "destination" in it.reason for it in outcomes] == [
        True
    ] * 4


async def test_a_name_whose_address_changes_after_scheduling_is_checked_again_by_one_lookup(
    receiver: Receiver,
) -> None:
    answers = [["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34"]]

    async def rebind(_: str) -> Sequence[str]:
        return answers.pop(0)

    async with channel_with(loopback_allowed=False, resolve_name=rebind) as channel:
        await channel.check(receiver.url(host="rebinding"))
        outcome = await deliver_one(channel, message_to(receiver.url(host="rebinding")))
    assert isinstance(outcome, Failed)
    assert outcome.permanent
    assert "127.0.0.1" in outcome.reason
    assert receiver.connections == 0
    assert len(answers) == 1


async def test_a_connection_goes_to_the_resolved_address_and_requests_the_name(
    receiver: Receiver,
) -> None:
    resolved = []

    async def resolve(name: str) -> Sequence[str]:
        resolved.append(name)
        return ["127.0.0.1"]

    async with channel_with(resolve_name=resolve) as channel:
        outcome = await deliver_one(channel, message_to(receiver.url(host="shop.example")))
    assert isinstance(outcome, Delivered)
    assert resolved == ["shop.example"]
    assert receiver.received[0].headers["host"] == f"shop.example:{receiver.port}"


async def test_a_destination_that_is_not_allowed_is_refused_at_scheduling() -> None:
    async with channel_with(loopback_allowed=False) as channel:
        for to in ("http://127.0.0.1/", "http://localhost/", "http://127.1/", "http://user@example.org/"):
            with pytest.raises(InvalidDestinationError):
                await channel.check(to)


# --- several deliveries ----------------------------------------------------------------------------------


async def test_a_slow_host_does_not_delay_another(receiver: Receiver) -> None:
    async def keep_silent(_: Received, __: StreamWriter) -> None:
        await asyncio.get_running_loop().create_future()

    async with receiving() as slow, channel_with(concurrency=8) as channel:
        slow.behaviour = keep_silent
        stuck = asyncio.create_task(deliver(channel, *[message_to(slow.url())] * 100))
        await slow.requests(4)
        async with asyncio.timeout(PROMPTLY_SECONDS):
            outcomes = await deliver(channel, *[message_to(receiver.url())] * 100)
        assert outcomes == [Delivered(detail="HTTP 200 OK\nok")] * 100
        assert not stuck.done()
        assert slow.max_in_flight == 4
        stuck.cancel()
        await asyncio.wait((stuck,))


async def test_known_outcomes_are_yielded_while_other_deliveries_are_in_flight(
    channel: WebhookChannel, receiver: Receiver
) -> None:
    unblocked = asyncio.Event()

    async def wait_for_one(request: Received, writer: StreamWriter) -> None:
        if request.path == "/slow":
            await unblocked.wait()
        writer.write(OK)

    receiver.behaviour = wait_for_one
    messages = [
        replace(message_to(receiver.url(path)), id=MessageId(path)) for path in ("/slow", "/quick1", "/quick2")
    ]
    seen: set[MessageId] = set()
    async with asyncio.timeout(PROMPTLY_SECONDS):
        async for group in channel.deliver(Batch(messages=messages, may_start=lambda: True)):
            seen |= group.keys()
            if len(seen) == 2:
                assert "/slow" not in seen
                unblocked.set()
    assert len(seen) == 3
