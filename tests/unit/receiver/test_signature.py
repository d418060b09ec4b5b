from __future__ import annotations

from datetime import timedelta

import pytest

from postdate.adapters.channels.webhook.signing import Signer
from postdate.receiver import InvalidHeadersError, StaleError, WrongSignatureError, verify
from tests.unit.receiver.signed import BODY, OTHER, SECRET, signed

AT = 1_800_000_000.0


@pytest.mark.parametrize("secrets", [SECRET, f"{OTHER}, {SECRET}", (SECRET, OTHER), SECRET.removeprefix("whsec_")])
def test_a_signature_of_a_known_secret_is_genuine(secrets: str | tuple[str, ...]) -> None:
    assert verify(signed(), BODY, secrets) == "msg_1"


def test_a_signature_of_postdate_is_genuine_to_receivers_with_either_secret_during_rotation() -> None:
    from datetime import UTC, datetime  # noqa: PLC0415 - only this test needs it

    headers = Signer([SECRET, OTHER]).headers("id", datetime.fromtimestamp(AT, UTC), BODY)
    for secret in (SECRET, OTHER):
        assert verify(headers, BODY, secret, now=AT) == "id"


@pytest.mark.parametrize(
    "change",
    [
        {"Webhook-Id": "msg_2"},
        {"Webhook-Timestamp": "1800000001"},
        {"Webhook-Signature": "v1,AAAA"},
        {"Webhook-Signature": "v1,"},
        {"Webhook-Signature": "v1"},
        {"Webhook-Signature": "v2,x v1,%%% ,"},
        {"Webhook-Signature": "v1a," + signed(at=AT)["Webhook-Signature"].removeprefix("v1,")},
    ],
)
def test_a_request_that_was_changed_is_not_genuine(change: dict[str, str]) -> None:
    with pytest.raises(WrongSignatureError):
        verify(signed(at=AT) | change, BODY, SECRET, now=AT)


def test_a_signature_of_another_secret_or_another_body_is_not_genuine() -> None:
    with pytest.raises(WrongSignatureError):
        verify(signed(secret=OTHER), BODY, SECRET)
    with pytest.raises(WrongSignatureError):
        verify(signed(), BODY + b" ", SECRET)


@pytest.mark.parametrize("seconds", [-301, 301, 10**6])
def test_a_signature_that_is_too_old_or_in_the_future_is_stale(seconds: int) -> None:
    with pytest.raises(StaleError):
        verify(signed(at=AT), BODY, SECRET, now=AT + seconds)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_signature_within_the_tolerance_is_fresh(seconds: int) -> None:
    assert verify(signed(at=AT), BODY, SECRET, now=AT + seconds)


def test_the_tolerance_can_be_set() -> None:
    with pytest.raises(StaleError):
        verify(signed(at=AT), BODY, SECRET, now=AT + 2, tolerance=timedelta(seconds=1))


@pytest.mark.parametrize("name", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"])
def test_a_missing_header_is_named(name: str) -> None:
    headers = signed()
    del headers[name]
    with pytest.raises(InvalidHeadersError, match=name.lower()):
        verify(headers, BODY, SECRET)


@pytest.mark.parametrize("text", ["now", "-1", "1.5", "1e9", "٣", "9" * 13, " 1"])
def test_an_invalid_timestamp_is_refused(text: str) -> None:
    with pytest.raises(InvalidHeadersError):
        verify(signed() | {"Webhook-Timestamp": text}, BODY, SECRET)


@pytest.mark.parametrize("secrets", ["", "whsec_", (), "whsec_!", f"{SECRET},", ("",)])
def test_a_missing_or_invalid_secret_is_an_error(secrets: str | tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="secret"):
        verify(signed(), BODY, secrets)
