"""How a broker is connected to that is a Redis or Valkey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from .threads import BLOCKED_AT_MOST_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIMITS: Mapping[str, Any] = {
    "socket_timeout": BLOCKED_AT_MOST_SECONDS,
    "socket_connect_timeout": BLOCKED_AT_MOST_SECONDS,
}
# Once more for a connection that the broker has closed meanwhile; beyond that, Postdate tries again by itself.
_ONCE_MORE = 1


def client_of(url: str) -> Redis:
    """Returns a blocking client that gives up within seconds; it connects when it is first used."""
    return Redis.from_url(url, retry=Retry(NoBackoff(), _ONCE_MORE), **_LIMITS)


def async_client_of(url: str) -> AsyncRedis:
    """Returns the same for a coroutine."""
    return AsyncRedis.from_url(url, retry=AsyncRetry(NoBackoff(), _ONCE_MORE), **_LIMITS)
