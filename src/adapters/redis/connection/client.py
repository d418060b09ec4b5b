"""Creates a client from the URL of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from .cluster import ClusterRedis
from .hiredis_packing import pack_by_hiredis
from .sentinel import primary_client
from .url import StoreKind, malformed_url, parse_store_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .url import Address, StoreUrl

MAX_CONNECTIONS = 2**31
"""Connections to one server. Each delivery loop listens on its own, so a limit would limit the partitions."""


def connect(url: str) -> Redis:
    """Returns a client of the server, the cluster or the sentinels' primary that a URL names.

    The client connects when it is first used. It sends a command once: repeating a command whose answer was lost
    could store a message twice, so the caller decides about a retry. A command that a node of a cluster refused,
    because another node has its key, is sent to that other node.

    Raises:
        ConfigurationError: The URL is malformed, or its scheme is unknown.
    """
    target = parse_store_url(url)
    try:
        client = _create_client(target)
        # This does not connect yet, but raises for unknown options in the URL.
        client.connection_pool.make_connection()  # type: ignore[no-untyped-call]  # untyped in redis
    except (ValueError, TypeError):
        raise malformed_url(target.kind) from None
    return client


def _create_client(target: StoreUrl) -> Redis:
    options = _with_defaults(target.options)
    if target.kind is StoreKind.SENTINELS:
        sentinel_options = _with_defaults(target.sentinel_options)
        return _packing(primary_client(target.nodes, target.service, options, sentinel_options))
    if target.kind is StoreKind.CLUSTER:
        return ClusterRedis(target.nodes, lambda address: _node(address, options))
    return _packing(Redis.from_pool(ConnectionPool(**options)))


def _node(address: Address, options: Mapping[str, Any]) -> Redis:
    return _packing(Redis.from_pool(ConnectionPool(**{**options, "host": address[0], "port": address[1]})))


def _packing(client: Redis) -> Redis:
    pack_by_hiredis(client.connection_pool)
    return client


def _with_defaults(options: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "connection_class": Connection,
        "retry": Retry(NoBackoff(), 0),
        # The driver's timeouts are off: `answered` explains why.
        "socket_timeout": None,
        "socket_connect_timeout": None,
        "client_name": "postdate",
        "max_connections": MAX_CONNECTIONS,
        **options,
    }
