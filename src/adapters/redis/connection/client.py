"""Connections: from the URL of a store to a client of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from .cluster import ClusterRedis
from .hiredis_packing import pack_by_hiredis
from .sentinel import primary_behind
from .url import StoreKind, not_understood, parse_store_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .url import Address, StoreUrl

MAX_CONNECTIONS = 2**31
"""To one server. Each delivery loop has one to listen on, so a bound would bound the partitions."""


def connect(url: str) -> Redis:
    """Returns a client of the server, the cluster or the primary behind a URL. It connects when it is first used.

    A command is sent once: repeating one whose answer was lost could store a message twice, so what to do about
    it is for the caller to decide. A command that a node refused, because another has its key, goes there.

    Raises:
        ConfigurationError: the URL cannot be understood, or its scheme is not known.
    """
    target = parse_store_url(url)
    try:
        client = _client_of(target)
        # It connects nowhere yet, but finds options in the URL that there are not.
        client.connection_pool.make_connection()  # type: ignore[no-untyped-call]  # as redis has it
    except (ValueError, TypeError):
        raise not_understood(target.kind) from None
    return client


def _client_of(target: StoreUrl) -> Redis:
    options = _with_ours(target.options)
    if target.kind is StoreKind.SENTINELS:
        theirs = _with_ours(target.sentinel_options)
        return _packing(primary_behind(target.nodes, target.service, options, theirs))
    if target.kind is StoreKind.CLUSTER:
        return ClusterRedis(target.nodes, lambda address: _node(address, options))
    return _packing(Redis.from_pool(ConnectionPool(**options)))


def _node(address: Address, options: Mapping[str, Any]) -> Redis:
    return _packing(Redis.from_pool(ConnectionPool(**{**options, "host": address[0], "port": address[1]})))


def _packing(client: Redis) -> Redis:
    pack_by_hiredis(client.connection_pool)
    return client


def _with_ours(options: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "connection_class": Connection,
        "retry": Retry(NoBackoff(), 0),
        # No bounds of the driver's: `answered` says why.
        "socket_timeout": None,
        "socket_connect_timeout": None,
        "client_name": "postdate",
        "max_connections": MAX_CONNECTIONS,
        **options,
    }
