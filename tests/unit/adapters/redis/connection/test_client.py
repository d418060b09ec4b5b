from __future__ import annotations

import traceback
from typing import Any

import pytest
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection

from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.connection.cluster import ClusterRedis
from postdate.domain.errors import ConfigurationError


def kwargs_of(url: str) -> dict[str, Any]:
    kwargs: dict[str, Any] = connect(url).connection_pool.connection_kwargs
    return kwargs


@pytest.mark.parametrize("scheme", ["redis", "valkey", "rediss", "valkeys"])
def test_a_url_contains_host_port_database_and_credentials(scheme: str) -> None:
    kwargs = kwargs_of(f"{scheme}://me:pass%2Fword@store.example:6380/5")
    assert (kwargs["host"], kwargs["port"], kwargs["db"]) == ("store.example", 6380, 5)
    assert (kwargs["username"], kwargs["password"]) == ("me", "pass/word")


@pytest.mark.parametrize(
    ("scheme", "encrypted"), [("redis", False), ("valkey", False), ("rediss", True), ("valkeys", True)]
)
def test_a_scheme_that_ends_with_s_uses_encryption(scheme: str, *, encrypted: bool) -> None:
    pool = connect(f"{scheme}://store.example").connection_pool
    assert issubclass(pool.connection_class, SSLConnection) is encrypted


def test_a_url_of_a_socket_contains_a_path_and_may_contain_a_database() -> None:
    pool = connect("unix:///run/valkey%20a.sock?db=3").connection_pool
    assert issubclass(pool.connection_class, UnixDomainSocketConnection)
    assert (pool.connection_kwargs["path"], pool.connection_kwargs["db"]) == ("/run/valkey a.sock", 3)


def test_a_connection_names_its_client_and_sends_a_command_once() -> None:
    kwargs = kwargs_of("redis://store.example")
    assert kwargs["client_name"] == "postdate"
    assert kwargs["retry"].get_retries() == 0


@pytest.mark.parametrize(
    "url",
    [
        "redis://store.example",
        "unix:///run/s",
        "rediss+cluster://store.example",
        "redis+sentinel://store.example/service",
        "rediss+sentinel://store.example/service",
    ],
)
def test_every_connection_packs_by_hiredis_and_has_no_timeout_of_the_driver(url: str) -> None:
    pool = connect(url).connection_pool
    connection = pool.make_connection()  # type: ignore[no-untyped-call]  # as redis has it
    assert (connection.socket_timeout, connection.socket_connect_timeout) == (None, None)
    assert connection.retry.get_retries() == 0
    assert connection.pack_command("CLIENT SETINFO", 1) == [b"*3\r\n$6\r\nCLIENT\r\n$7\r\nSETINFO\r\n$1\r\n1\r\n"]


def test_the_number_of_connections_is_not_limited_by_default() -> None:
    assert connect("redis://store.example").connection_pool.max_connections > 1_000_000
    assert connect("redis://store.example?max_connections=7").connection_pool.max_connections == 7


async def test_a_cluster_url_may_name_a_single_node() -> None:
    assert isinstance(connect("valkey+cluster://store.example"), ClusterRedis)
    assert not isinstance(connect("valkey://store.example"), ClusterRedis)


@pytest.mark.parametrize("url", ["", "store.example", "redis:/store", "http://store.example", "REDIS://store"])
def test_the_error_of_an_unknown_scheme_lists_the_known_ones(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connect(url)
    assert refused.value.setting == "POSTDATE_REDIS_URL"
    assert "redis://, rediss://, unix://, valkey://, valkeys://" in refused.value.reason


@pytest.mark.parametrize(
    "url",
    [
        "redis://me:hush/hush@store.example:6379",
        "redis://me:hush#hush@store.example:6379/0",
        "redis://me:hush?hush@store.example:6379/0",
        "redis://me:hush[hush@store.example",
        "redis://me:hush\u2100hush@store.example",
        "rediss://me:hush@store.example:port",
        "redis://me:hush@store.example:99999",
        "redis://me:hush@store.example?db=first",
        "redis://me:hush@store.example?socket_timeout=hush",
        "redis://me:hush@store.example?colour=hush",
        "unix:///run/s?password=hush&colour=blue",
        "redis+cluster://me:hush@store.example?colour=hush",
        "redis+sentinel://me:hush@store.example/service?colour=hush",
        "redis+sentinel://me:hush@store.example/service?sentinel_colour=hush",
    ],
)
def test_the_error_of_a_malformed_url_shows_no_password(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connect(url)
    shown = "".join(traceback.format_exception(refused.value)).replace(url, "")
    assert "hush" not in shown
    assert "%2F" in refused.value.reason
