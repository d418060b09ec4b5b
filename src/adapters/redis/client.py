"""Connections: from the URL of a store to a client of it."""

from __future__ import annotations

from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from ...domain.errors import ConfigurationError
from .packing import pack_by_hiredis

SCHEMES = {
    "redis": "redis",
    "rediss": "rediss",
    "unix": "unix",
    "valkey": "redis",
    "valkeys": "rediss",
}

_NOT_UNDERSTOOD = (
    "cannot be understood as SCHEME://[USER:PASSWORD@]HOST[:PORT][/NUMBER], in which signs like / # ? @ "
    "of a user or password are written as %2F %23 %3F %40"
)


def connect(url: str) -> Redis:
    """Returns a client of the server behind a URL. It connects when it is first used.

    A command is sent once: repeating one whose answer was lost could store a message twice, so what to do about
    it is for the caller to decide.

    Raises:
        ConfigurationError: the URL cannot be understood, or its scheme is not known.
    """
    scheme, separator, rest = url.partition("://")
    if scheme not in SCHEMES or not separator:
        raise ConfigurationError(
            "POSTDATE_REDIS_URL", f"must begin with one of {', '.join(f'{name}://' for name in SCHEMES)}"
        )
    try:
        _ = urlsplit(url).port
        client = Redis.from_url(
            f"{SCHEMES[scheme]}://{rest}",
            retry=Retry(NoBackoff(), 0),
            # No bounds of the driver's: `answered` says why.
            socket_timeout=None,
            socket_connect_timeout=None,
            client_name="postdate",
        )
        pack_by_hiredis(client.connection_pool)
        # It connects nowhere yet, but finds options in the URL that there are not.
        client.connection_pool.make_connection()  # type: ignore[no-untyped-call]  # as redis has it
    except (ValueError, TypeError):
        # Who could not read the URL quotes from it, be it a password: neither words nor cause are passed on.
        raise ConfigurationError("POSTDATE_REDIS_URL", _NOT_UNDERSTOOD) from None
    return client
