"""Connections: from the URL of a store to a client of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from ...domain.errors import ConfigurationError

if TYPE_CHECKING:
    from datetime import timedelta

SCHEMES = {
    "redis": "redis",
    "rediss": "rediss",
    "unix": "unix",
    "valkey": "redis",
    "valkeys": "rediss",
}


def connect(url: str, answer_within: timedelta) -> Redis:
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
        return Redis.from_url(
            f"{SCHEMES[scheme]}://{rest}",
            retry=Retry(NoBackoff(), 0),
            socket_timeout=answer_within.total_seconds(),
            socket_connect_timeout=answer_within.total_seconds(),
            client_name="postdate",
        )
    except ValueError as error:
        raise ConfigurationError("POSTDATE_REDIS_URL", f"cannot be understood: {error}") from error
