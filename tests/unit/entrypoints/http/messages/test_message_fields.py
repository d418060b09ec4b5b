from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.domain.messages.retry import Backoff, RetryPolicy
from postdate.domain.time.local_time import LocalTime
from tests.unit.entrypoints.http.problem import errors_of

if TYPE_CHECKING:
    from tests.unit.entrypoints.http.service import Service

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KYIV = {"local": "2027-03-28T03:30", "timezone": "Europe/Kyiv"}


async def test_every_field_is_stored_and_shown(service: Service) -> None:
    document = {
        "body": 1,
        "at": "2026-06-01T00:00:00Z",
        "expires_at": "2026-06-02T00:00:00Z",
        "retry": {"attempts": 3, "backoff": "fixed", "base": "2s", "cap": "1m", "jitter": False},
        "labels": ["cart-42", "ключ"],
        "headers": {"X-Cart": "42"},
    }
    shown = (await service.schedule(document)).json()
    assert shown["expires_at"] == "2026-06-02T00:00:00.000Z"
    assert shown["retry"] == {"attempts": 3, "backoff": "fixed", "base": "PT2S", "cap": "PT1M", "jitter": False}
    assert (shown["labels"], shown["headers"]) == (["cart-42", "ключ"], {"X-Cart": "42"})
    (message,) = await service.stored()
    assert message.retry == RetryPolicy(
        attempts=3, backoff=Backoff.FIXED, base=timedelta(seconds=2), cap=timedelta(minutes=1), jitter=False
    )
    assert (message.labels, message.headers) == (("cart-42", "ключ"), (("X-Cart", "42"),))
    assert message.expires_at == datetime(2026, 6, 2, tzinfo=UTC)


async def test_a_local_time_is_shown_as_given_and_as_an_instant(service: Service) -> None:
    response = await service.schedule({"body": 1, "at": KYIV})
    shown = (await service.client.get(response.headers["location"])).json()
    assert (shown["at"], shown["at_local"]) == ("2027-03-28T01:00:00.000Z", KYIV)
    assert (await service.stored())[0].at_local == LocalTime(local=KYIV["local"], timezone=KYIV["timezone"])


async def test_an_expiry_may_be_a_local_time_or_a_duration(service: Service) -> None:
    await service.schedule({"body": 1, "expires_at": KYIV})
    await service.schedule({"body": 1, "in": "1m", "expires_in": "1m"})
    assert [message.expires_at for message in await service.stored()] == [
        datetime(2027, 3, 28, 1, tzinfo=UTC),
        NOW + timedelta(minutes=1),
    ]


@pytest.mark.parametrize(
    ("retry", "policy"),
    [
        ({}, RetryPolicy()),
        ({"attempts": 1}, RetryPolicy(attempts=1)),
        ({"base": "2h"}, RetryPolicy(base=timedelta(hours=2), cap=timedelta(hours=2))),
        ({"base": "0s"}, RetryPolicy(base=timedelta())),
        ({"cap": "PT1S"}, RetryPolicy(cap=timedelta(seconds=1))),
        ({"base": "PT1.0009S"}, RetryPolicy(base=timedelta(seconds=1))),
    ],
)
async def test_the_fields_that_a_retry_policy_leaves_out_have_their_defaults(
    service: Service, retry: dict[str, object], policy: RetryPolicy
) -> None:
    await service.schedule({"body": 1, "retry": retry})
    assert [message.retry for message in await service.stored()] == [policy]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"retry": None}, "$.retry"),
        ({"retry": {"attempts": 0}}, "$.retry.attempts"),
        ({"retry": {"attempts": 1001}}, "$.retry.attempts"),
        ({"retry": {"attempts": 2**70}}, "$.retry.attempts"),
        ({"retry": {"attempts": 1.5}}, "$.retry.attempts"),
        ({"retry": {"attempts": True}}, "$.retry.attempts"),
        ({"retry": {"backoff": "linear"}}, "$.retry.backoff"),
        ({"retry": {"base": "soon"}}, "$.retry.base"),
        ({"retry": {"base": "2h", "cap": "1h"}}, "$.retry.base"),
        ({"retry": {"cap": "1ms"}}, "$.retry.cap"),
        ({"retry": {"cap": "366d"}}, "$.retry.cap"),
        ({"retry": {"jitter": 1}}, "$.retry.jitter"),
        ({"retry": {"tries": 1}}, "$.retry.tries"),
        ({"labels": "cart-42"}, "$.labels"),
        ({"labels": [1]}, "$.labels[0]"),
        ({"labels": ["a", ""]}, "$.labels[1]"),
        ({"labels": ["a", "b\n"]}, "$.labels[1]"),
        ({"labels": ["\x7f"]}, "$.labels[0]"),
        ({"labels": ["x" * 129]}, "$.labels[0]"),
        ({"labels": ["a", "b", "a"]}, "$.labels[2]"),
        ({"labels": [str(number) for number in range(33)]}, "$.labels"),
        ({"headers": {"X": 1}}, "$.headers[...]"),
        ({"headers": {"X": "x" * 9000}}, "$.headers"),
        ({"to": "console:" + "x" * 2048}, "$.to"),
        ({"at": {"local": "2027-03-28T02:30"}}, "$.at.timezone"),
        ({"at": {**KYIV, "timezone": "Mars/Olympus"}}, "$.at.timezone"),
        ({"at": {**KYIV, "timezone": ""}}, "$.at.timezone"),
        ({"at": {**KYIV, "local": "2027-02-29T02:30"}}, "$.at.local"),
        ({"at": {**KYIV, "local": "tomorrow"}}, "$.at.local"),
        ({"at": {**KYIV, "zone": "x"}}, "$.at.zone"),
        ({"expires_at": {**KYIV, "timezone": "x"}}, "$.expires_at.timezone"),
        ({"expires_at": "tomorrow"}, "$.expires_at"),
        ({"expires_at": None}, "$.expires_at"),
        ({"expires_at": "2027-01-01", "expires_in": "1m"}, "$.expires_in"),
        ({"expires_in": "soon"}, "$.expires_in"),
        ({"expires_in": "9000000d"}, "$.expires_in"),
        ({"in": "9000000d", "expires_in": "1m"}, "$.in"),
        ({"in": "2m", "expires_in": "1m"}, "$.expires_in"),
        ({"at": "2027-01-01", "expires_at": "2026-01-01"}, "$.expires_at"),
        ({"key": ""}, "$.key"),
        ({"key": "x" * 256}, "$.key"),
        ({"key": "a\tb"}, "$.key"),
        ({"key": 1}, "$.key"),
    ],
)
async def test_an_error_names_its_path(service: Service, fields: dict[str, object], path: str) -> None:
    assert list(errors_of(await service.schedule({"body": 1, **fields}))) == [path]
    assert await service.stored() == []


@pytest.mark.parametrize("text", [r'"\ud800"', r'"a\udc00"', r'"\\\ud83d"', r'"\ud83d\ude00\ud83d"'])
async def test_the_error_of_an_unpaired_surrogate_says_so(service: Service, text: str) -> None:
    for document in (f'{{"body": 1, "to": {text}}}', f'{{"body": {text}}}'):
        (detail,) = errors_of(await service.post("/v1/messages", document.encode())).values()
        assert "half a character" in detail
