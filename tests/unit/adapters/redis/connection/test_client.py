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
def test_a_url_names_host_port_database_and_who_asks(scheme: str) -> None:
    kwargs = kwargs_of(f"{scheme}://me:pass%2Fword@store.example:6380/5")
    assert (kwargs["host"], kwargs["port"], kwargs["db"]) == ("store.example", 6380, 5)
    assert (kwargs["username"], kwargs["password"]) == ("me", "pass/word")


@pytest.mark.parametrize(
    ("scheme", "encrypted"), [("redis", False), ("valkey", False), ("rediss", True), ("valkeys", True)]
)
def test_a_scheme_that_ends_with_s_is_encrypted(scheme: str, *, encrypted: bool) -> None:
    pool = connect(f"{scheme}://store.example").connection_pool
    assert issubclass(pool.connection_class, SSLConnection) is encrypted


def test_a_socket_has_a_path_and_may_have_a_database() -> None:
    pool = connect("unix:///run/valkey%20a.sock?db=3").connection_pool
    assert issubclass(pool.connection_class, UnixDomainSocketConnection)
    assert (pool.connection_kwargs["path"], pool.connection_kwargs["db"]) == ("/run/valkey a.sock", 3)


def test_connections_say_whose_they_are_and_send_a_command_once() -> None:
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
def test_every_connection_waits_for_our_bounds_alone_and_packs_by_hiredis(url: str) -> None:
    pool = connect(url).connection_pool
    connection = pool.make_connection()  # type: ignore[no-untyped-call]  # as redis has it
    assert (connection.socket_timeout, connection.socket_connect_timeout) == (None, None)
    assert connection.retry.get_retries() == 0
    assert connection.pack_command("CLIENT SETINFO", 1) == [b"*3\r\n$6\r\nCLIENT\r\n$7\r\nSETINFO\r\n$1\r\n1\r\n"]


def test_there_is_no_bound_to_the_connections_of_many_partitions() -> None:
    assert connect("redis://store.example").connection_pool.max_connections > 1_000_000
    assert connect("redis://store.example?max_connections=7").connection_pool.max_connections == 7


async def test_a_cluster_of_which_only_a_single_server_is_named_is_one_all_the_same() -> None:
    assert isinstance(connect("valkey+cluster://store.example"), ClusterRedis)
    assert not isinstance(connect("valkey://store.example"), ClusterRedis)


@pytest.mark.parametrize("url", ["", "store.example", "redis:/store", "http://store.example", "REDIS://store"])
def test_another_scheme_is_refused_with_those_that_there_are(url: str) -> None:
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
def test_what_cannot_be_understood_is_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connect(url)
    shown = "".join(traceback.format_exception(refused.value)).replace(url, "")
    assert "hush" not in shown
    assert "%2F" in refused.value.reason
