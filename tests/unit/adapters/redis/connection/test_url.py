from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest
from redis.asyncio.connection import Connection, SSLConnection

from postdate.adapters.redis.connection.url import StoreKind, StoreUrl, parse_store_url
from postdate.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


PLAIN, ENCRYPTED = ["redis", "valkey"], ["rediss", "valkeys"]


def encrypted(url: StoreUrl) -> bool:
    return issubclass(url.options.get("connection_class", Connection), SSLConnection)


@pytest.mark.parametrize("scheme", PLAIN + ENCRYPTED)
def test_a_cluster_url_names_some_of_its_nodes(scheme: str) -> None:
    url = parse_store_url(f"{scheme}+cluster://me:pass%2Fword@one.example:7000,two.example,[::1]:7001")
    assert url.kind is StoreKind.CLUSTER
    assert url.nodes == [("one.example", 7000), ("two.example", 6379), ("::1", 7001)]
    assert (url.options["username"], url.options["password"]) == ("me", "pass/word")
    assert encrypted(url) is (scheme in ENCRYPTED)


@pytest.mark.parametrize("scheme", PLAIN + ENCRYPTED)
def test_a_sentinel_url_names_sentinels_and_their_name_of_the_primary(scheme: str) -> None:
    url = parse_store_url(f"{scheme}+sentinel://me:pass%2Fword@one.example:7000,two.example/the%20one/5")
    assert url.kind is StoreKind.SENTINELS
    assert url.nodes == [("one.example", 7000), ("two.example", 26379)]
    assert (url.service, url.options["db"]) == ("the one", 5)
    assert (url.options["username"], url.options["password"]) == ("me", "pass/word")
    assert encrypted(url) is (scheme in ENCRYPTED)
    assert ("connection_class" in url.sentinel_options) is (scheme in ENCRYPTED)


def test_a_sentinel_url_need_not_name_a_database() -> None:
    assert "db" not in parse_store_url("redis+sentinel://one.example/service").options


def test_sentinels_have_separate_credentials_and_the_same_encryption() -> None:
    url = parse_store_url(
        "rediss+sentinel://me:mine@one.example/service"
        "?sentinel_username=you&sentinel_password=yo%2Furs&ssl_check_hostname=false"
    )
    assert url.options["username"] == "me"
    assert url.options["ssl_check_hostname"] is False
    assert "sentinel_username" not in url.options
    assert dict(url.sentinel_options) == {
        "username": "you",
        "password": "yo/urs",
        "ssl_check_hostname": False,
        "connection_class": SSLConnection,
    }


def test_sentinels_are_asked_without_credentials_unless_given_separate_ones() -> None:
    assert dict(parse_store_url("redis+sentinel://me:mine@one.example/service").sentinel_options) == {}


def test_the_options_of_a_url_are_those_of_the_driver(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.touch()
    for url in (
        f"rediss://one.example?ssl_ca_certs={authority}&max_connections=7",
        f"rediss+cluster://one.example?ssl_ca_certs={authority}&max_connections=7",
        f"rediss+sentinel://one.example/service?ssl_ca_certs={authority}&max_connections=7",
    ):
        options = parse_store_url(url).options
        assert (options["ssl_ca_certs"], options["max_connections"]) == (str(authority), 7)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("redis+cluster://one.example/1", "names a database"),
        ("redis+cluster://one.example?db=1", "names a database"),
        ("redis+sentinel://one.example", "lacks the name"),
        ("redis+sentinel://one.example/", "lacks the name"),
        ("rediss://one.example?ssl_ca_certs=/not/here.pem", "names a file in ssl_ca_certs that cannot be read"),
        ("rediss+cluster://one.example?ssl_keyfile=/not/here.pem", "names a file in ssl_keyfile"),
        ("rediss+sentinel://one.example/s?sentinel_ssl_certfile=/not/here", "names a file in ssl_certfile"),
        ("redis+cluster://", r"HOST\[:PORT\]\[,HOST\[:PORT\]…\]\["),
        ("redis+sentinel:///service", "/SERVICE"),
        ("redis+clusters://one.example", r"must begin with one of .* redis\+cluster://, .* valkeys\+sentinel://"),
    ],
)
def test_the_error_of_an_invalid_url_names_the_problem(url: str, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault) as refused:
        parse_store_url(url)
    assert refused.value.setting == "POSTDATE_REDIS_URL"


@pytest.mark.parametrize("kind", ["redis+cluster://{}", "rediss+sentinel://{}/service"])
@pytest.mark.parametrize(
    "rest",
    [
        "me:hush/hush@one.example:6379",
        "me:hush#hush@one.example:6379",
        "me:hush?hush@one.example:6379",
        "me:hush@one.example:hush,two.example",
        "me:hush@one.example:99999",
        "me:hush@one.example,,two.example",
        "me:hush@one.example,",
        "me:hush@one.example:6379?db=hush",
        "me:hush@one.example?socket_timeout=hush",
        "me:hush@one[example",
        "me:hush\u2100hush@one.example",
    ],
)
def test_the_error_of_a_malformed_url_shows_no_password(kind: str, rest: str) -> None:
    url = kind.format(rest)
    with pytest.raises(ConfigurationError) as refused:
        parse_store_url(url)
    shown = "".join(traceback.format_exception(refused.value)).replace(url, "")
    assert "hush" not in shown
    assert "one.example" not in shown
