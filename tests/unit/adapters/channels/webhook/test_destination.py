# The tests contain characters that look alike on purpose.
# ruff: noqa: RUF001

from __future__ import annotations

import pytest
from aiohttp.helpers import is_ip_address
from hypothesis import given
from hypothesis import strategies as st

from postdate.adapters.channels.webhook.destination import parse_webhook_url
from postdate.domain.errors import InvalidDestinationError


@pytest.mark.parametrize(
    ("to", "url", "host", "port"),
    [
        ("https://example.org", "https://example.org/", "example.org", 443),
        (
            "http://example.org:8080/a/b?c=d&e=%2F#frag",
            "http://example.org:8080/a/b?c=d&e=%2F",
            "example.org",
            8080,
        ),
        ("https://Example.ORG:443/A", "https://example.org/A", "example.org", 443),
        ("https://example.org?x=1", "https://example.org/?x=1", "example.org", 443),
        ("https://example.org/a/../b//c/%2e%2e/@x", "https://example.org/a/../b//c/%2e%2e/@x", "example.org", 443),
        ("https://example.org/é?ü=ß", "https://example.org/%C3%A9?%C3%BC=%C3%9F", "example.org", 443),
        ("https://bücher.example/", "https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443),
        ("http://my_service-1", "http://my_service-1/", "my_service-1", 80),
        ("http://8.8.8.8:1/x", "http://8.8.8.8:1/x", "8.8.8.8", 1),
        ("http://[2606:4700:0::1111]/x", "http://[2606:4700::1111]/x", "2606:4700::1111", 80),
        ("http://a1.b2c/", "http://a1.b2c/", "a1.b2c", 80),
        ("http://1.example", "http://1.example/", "1.example", 80),
    ],
)
def test_a_url_is_parsed_and_its_path_stays_unchanged(to: str, url: str, host: str, port: int) -> None:
    destination = parse_webhook_url(to)
    assert (str(destination.url), destination.host, destination.port) == (url, host, port)
    assert destination.limiter_key == (host, port)


@pytest.mark.parametrize(
    "to",
    [
        # IPv4 in another spelling
        *("http://127.1", "http://127.0.1", "http://0x7f000001/", "http://0x7f.0.0.1", "http://2130706433/"),
        *(
            "http://0177.0.0.1",
            "http://017700000001",
            "http://127.0.0.01",
            "http://0",
            "http://0x",
            "http://1.2.3",
        ),
        *("http://127.0.0.1.", "http://127.0.0.1..", "http://1.2.3.4.5", "http://256.1.1.1", "http://8.8.8.8."),
        *("http://a.1", "http://example.0x7f", "http://٣.1.1.1", "http://127.0.0.1:80:80", "http://4294967296"),
        # digits, dots and letters of other scripts, which some parsers treat as ASCII
        *(
            "http://①②⑦.0.0.1",
            "http://127。0。0。1",
            "http://１２７.0.0.1",
            "http://ⓛocalhost",
            "http://127．0．0．1",
        ),
        "http://exa\u200bmple.org",
        # percent signs, zones, white space, backslashes, control characters
        *(
            "http://127.0.0.1%2f@example.org",
            "http://%31%32%37.0.0.1",
            "http://loc%61lhost",
            "http://[fe80::1%25eth0]",
        ),
        *(
            "http://[fe80::1%eth0]/",
            "http://example.org\\@10.0.0.1/",
            "http://\\10.0.0.1",
            "http://a b/",
            "http://a/ b",
        ),
        *(
            "http://example.org\t/",
            "http://exam\nple.org/",
            "http://a/\r\nHost: b",
            "\x00http://a",
            "http://a/\x7f",
        ),
        *(" http://example.org", "http://example.org ", "http://a/\u2028", "http://a/\xa0"),
        # invalid IPv6, or IPv6 without its brackets
        *("http://::1/", "http://[::1", "http://::1]", "http://[]/", "http://[127.0.0.1]", "http://[::1]x/"),
        *("http://[::1]]/", "http://[[::1]]", "http://[1::2::3]/", "http://[v1.fe]/", "http://[::ffff:127.1]"),
        # credentials
        *("http://user@example.org/", "http://user:word@example.org", "http://@example.org", "http://a@b@c/"),
        "http://example.org:80@10.0.0.1/",
        # no host, invalid ports, invalid names
        *("http://", "http:///x", "http://?x", "http://#x", "http://:80", "http:example.org", "http:/example.org"),
        *(
            "http://a:0",
            "http://a:65536",
            "http://a:99999",
            "http://a:",
            "http://a:+80",
            "http://a:8O",
            "http://a:٨٠",
        ),
        *(
            "http://.",
            "http://..",
            "http://a..b",
            "http://.a",
            "http://a.",
            "http://-a",
            "http://a,b",
            "http://a*",
        ),
        *(f"http://{'a' * 64}", f"http://{'.'.join(['a' * 60] * 5)}", "http://localhost.", "http://a'b"),
        # other schemes, and a URL that is too long
        *("ftp://example.org", "file:///etc/passwd", "HTTP://example.org", "gopher://a", "//example.org", ""),
        *("httpsx://a", "https//a", "http", "http://a/" + "x" * 5_000, "unix:///var/run/docker.sock"),
    ],
)
def test_a_url_that_parsers_might_understand_differently_is_refused(to: str) -> None:
    with pytest.raises(InvalidDestinationError) as error:
        parse_webhook_url(to)
    assert "word" not in str(error.value)


@given(
    st.text(alphabet="0123456789abcxf.:[]@%/\\-_①。 ", min_size=1, max_size=20),
    st.sampled_from(["http://{}", "http://{}/", "https://a.{}", "http://127.{}", "http://{}@a"]),
)
def test_the_url_has_the_host_that_was_parsed(host: str, form: str) -> None:
    try:
        destination = parse_webhook_url(form.format(host))
    except InvalidDestinationError:
        return
    assert destination.url.raw_host == destination.host
    assert destination.url.raw_user is None
    assert (destination.address is None) == (not is_ip_address(destination.host))


@pytest.mark.parametrize(
    "to", ["https://user:word@example.org/", "https://token@example.org", "https://@example.org"]
)
def test_the_error_about_credentials_says_where_they_belong(to: str) -> None:
    with pytest.raises(InvalidDestinationError, match="credentials"):
        parse_webhook_url(to)
