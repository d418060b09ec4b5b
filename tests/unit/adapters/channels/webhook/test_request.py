from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from postdate.adapters.channels.webhook.request import request_body, request_headers
from postdate.adapters.channels.webhook.signing import Signer
from postdate.domain.ids import MessageId
from postdate.domain.messages.history import Claim
from postdate.domain.messages.message import Message

AT = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
SIGNER = Signer(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
MESSAGE = Message(
    id=MessageId("3palmScAVht0"), body=b"{}", to="https://example.org", at=AT, due_at=AT, created_at=AT
).claimed(Claim(at=AT, instance="one"))
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def headers(message: Message, late: timedelta = timedelta(0)) -> dict[str, str]:
    return request_headers(message, b"{}", "application/json", SIGNER, AT + late)


@pytest.mark.parametrize(
    ("body", "sent", "content_type"),
    [
        (b'{"a":[1,2.50]}', b'{"a":[1,2.50]}', "application/json"),
        (b"12345678901234567890", b"12345678901234567890", "application/json"),
        (b"null", b"null", "application/json"),
        (b'"two\\nlines \\u00e9"', "two\nlines é".encode(), "text/plain; charset=utf-8"),
        (b'""', b"", "text/plain; charset=utf-8"),
    ],
)
def test_a_string_is_sent_as_text_and_other_json_unchanged(body: bytes, sent: bytes, content_type: str) -> None:
    assert request_body(replace(MESSAGE, body=body)) == (sent, content_type)


@pytest.mark.parametrize("body", [b'"\\ud800"', b'"\xff"'])
def test_a_string_that_is_not_valid_text_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        request_body(replace(MESSAGE, body=body))


def test_the_headers_name_the_message_the_attempt_and_its_lateness() -> None:
    sent = headers(replace(MESSAGE, attempts=2), late=timedelta(seconds=1, microseconds=234_567))
    assert sent["postdate-scheduled-for"] == "2026-11-24T12:00:00.000Z"
    assert sent["postdate-attempt"] == "3"
    assert sent["postdate-lateness-ms"] == "1234"
    assert sent["webhook-id"] == MESSAGE.id
    assert sent["webhook-timestamp"] == str(int(AT.timestamp()) + 1)
    assert sent["content-type"] == "application/json"
    assert sent["user-agent"].startswith("Postdate/")


def test_lateness_is_never_negative() -> None:
    assert headers(MESSAGE, late=timedelta(milliseconds=-3))["postdate-lateness-ms"] == "0"


def test_the_headers_of_a_message_replace_only_default_headers() -> None:
    own = (("X-Cart", "42"), ("Content-Type", "text/xml"), ("USER-AGENT", "Shop"))
    sent = headers(replace(MESSAGE, headers=own))
    assert dict(own).items() <= sent.items()
    assert len({name.lower() for name in sent}) == len(sent)


def test_the_attempts_of_a_message_are_spans_of_one_trace() -> None:
    first, second = (headers(replace(MESSAGE, attempts=made))["traceparent"].split("-") for made in (0, 1))
    other = headers(replace(MESSAGE, id=MessageId("other")))["traceparent"].split("-")
    assert [len(part) for part in first] == [2, 32, 16, 2]
    assert (first[0], first[3]) == ("00", "00")
    assert first[1] == second[1] != other[1]
    assert first[2] != second[2]


def test_the_trace_that_a_message_comes_with_is_kept() -> None:
    sent = headers(replace(MESSAGE, headers=(("Traceparent", PARENT), ("tracestate", "a=b"))))
    assert "Traceparent" not in sent
    version, trace, span, flags = sent["traceparent"].split("-")
    assert (version, trace, flags) == ("00", PARENT.split("-")[1], "01")
    assert span != PARENT.split("-")[2]
    assert sent["tracestate"] == "a=b"


@pytest.mark.parametrize(
    "given",
    ["", "x", PARENT.upper(), PARENT + "-1", f"00-{'0' * 32}-{'1' * 16}-01", f"00-{'1' * 32}-{'0' * 16}-01"],
)
def test_an_invalid_trace_is_replaced(given: str) -> None:
    assert (
        headers(replace(MESSAGE, headers=(("traceparent", given),)))["traceparent"]
        == headers(MESSAGE)["traceparent"]
    )
