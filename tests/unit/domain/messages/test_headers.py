from __future__ import annotations

import pytest

from postdate.domain.errors import InvalidHeaderError
from postdate.domain.messages.headers import MAX_HEADERS_BYTES, require_valid_headers


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("X-Cart", "42"), ("Authorization", "Bearer s3cret")),
        (("Content-Type", "application/xml"), ("User-Agent", "Shop"), ("traceparent", "00-1-2-3")),
        (("X-Empty", ""), ("x-tab", "a\tb"), ("!#$%&'*+-.^_`|~9", "~")),
        (("X", "v" * (MAX_HEADERS_BYTES - 1)),),
    ],
)
def test_a_message_may_carry_ordinary_headers(headers: tuple[tuple[str, str], ...]) -> None:
    require_valid_headers(headers)


@pytest.mark.parametrize(
    "name",
    [
        *("Host", "content-length", "Transfer-Encoding", "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade"),
        *("Proxy-Authorization", "Expect", "Accept-Encoding"),
        *("webhook-id", "Webhook-Signature", "Postdate-Attempt", "postdate-anything"),
        *("", " X", "X:", "X Y", "X\n", "X\r\nHost", "é", "X\x00", '"X"', "(X)"),
    ],
)
def test_a_malformed_or_reserved_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidHeaderError) as caught:
        require_valid_headers((("X-First", "1"), (name, "value")))
    assert caught.value.name == name


@pytest.mark.parametrize("value", ["a\nb", "a\r\nHost: b", "\x00", "é", "\x7f", "\ud800"])
def test_a_value_that_could_become_another_header_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(InvalidHeaderError, match="printable ASCII") as caught:
        require_valid_headers((("X-Secret", value),))
    assert value not in str(caught.value)


def test_a_header_that_is_given_twice_in_different_case_is_refused() -> None:
    with pytest.raises(InvalidHeaderError, match="twice"):
        require_valid_headers((("X-Cart", "1"), ("x-cart", "2")))


def test_headers_that_are_too_long_together_are_refused() -> None:
    with pytest.raises(InvalidHeaderError, match="longer"):
        require_valid_headers((("X-A", "v" * 5_000), ("X-B", "v" * 5_000)))
