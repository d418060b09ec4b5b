"""Clients of a broker that is Redis or Valkey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from .thread_pool import BROKER_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUTS: Mapping[str, Any] = {
    "socket_timeout": BROKER_TIMEOUT_SECONDS,
    "socket_connect_timeout": BROKER_TIMEOUT_SECONDS,
}
# One retry, for a connection that the broker has closed meanwhile. Further retries are those of the message.
_RETRIES = 1


def redis_client(url: str) -> Redis:
    """Returns a blocking client that gives up within seconds. It connects when it is first used."""
    return Redis.from_url(url, retry=Retry(NoBackoff(), _RETRIES), **_TIMEOUTS)


def async_redis_client(url: str) -> AsyncRedis:
    """Returns an asyncio client that gives up within seconds. It connects when it is first used."""
    return AsyncRedis.from_url(url, retry=AsyncRetry(NoBackoff(), _RETRIES), **_TIMEOUTS)
