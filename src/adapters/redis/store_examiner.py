"""The configuration and the state of a Redis or Valkey server."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from redis.exceptions import ResponseError

from ...application.ports.store_examiner import StoreFacts
from ...domain.time.instant import EPOCH
from .connection.driver_errors import answered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redis.asyncio import Redis

    from ...application.ports.clock import Clock

SAMPLES = 3
"""How often the server is asked for its time. Each answer shows a minimal difference between the two clocks."""

_SETTINGS = ("maxmemory-policy", "appendonly", "appendfsync", "save")


class RedisStoreExaminer:
    """Reads `CONFIG GET`. If it is forbidden, as on managed stores, reads what `INFO` shows."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        """Compares the clock of the server with the given one, which should be the clock of this machine."""
        self._redis = redis
        self._clock = clock

    async def examine(self) -> StoreFacts:
        """Returns what the server shows now."""
        async with answered():
            info, settings = await self._info(), await self._settings()
            clock_ahead = max([await self._clock_ahead() for _ in range(SAMPLES)], key=abs)
        return StoreFacts(
            product=_product(info),
            version=_version(info),
            primary=_is_one_of(info.get("role"), "master"),
            replicas=_replicas(info),
            eviction=settings.get("maxmemory-policy", info.get("maxmemory_policy")),
            appending=_is_one_of(settings.get("appendonly", info.get("aof_enabled")), "yes", 1),
            syncing=settings.get("appendfsync"),
            snapshots=None if "save" not in settings else settings["save"] != "",
            clock_ahead=clock_ahead,
            save=settings.get("save"),
        )

    async def _info(self) -> Mapping[str, Any]:
        try:
            info: Mapping[str, Any] = await self._redis.info()
        except ResponseError:
            return {}
        return info

    async def _settings(self) -> Mapping[str, str]:
        try:
            settings = await self._redis.config_get(*_SETTINGS)
        except ResponseError:
            return {}
        return {name: value for name, value in settings.items() if name is not None and value is not None}

    async def _clock_ahead(self) -> timedelta:
        """Returns the minimal difference between the clocks: the server read its own at some time in between."""
        asked_at = self._clock.now() - EPOCH
        seconds, microseconds = await self._redis.time()
        answered_at = self._clock.now() - EPOCH
        server_time = timedelta(seconds=seconds, microseconds=microseconds)
        if server_time < asked_at:
            return server_time - asked_at
        return max(server_time - answered_at, timedelta(0))


def _product(info: Mapping[str, Any]) -> str:
    return str(info.get("server_name", "redis")).capitalize()


def _version(info: Mapping[str, Any]) -> tuple[int, ...] | None:
    # Valkey also shows a `redis_version`, 7.2, for clients that know no other field.
    text = str(info.get("valkey_version", info.get("redis_version", "")))
    numbers = tuple(int(part) for part in text.split(".") if part.isdigit())
    return numbers or None


def _replicas(info: Mapping[str, Any]) -> int | None:
    """Counts the replicas that have caught up. The others acknowledge nothing yet."""
    if "connected_slaves" not in info:
        return None
    replicas = (info.get(f"slave{number}") for number in range(int(info["connected_slaves"])))
    return sum(1 for replica in replicas if isinstance(replica, dict) and replica.get("state") == "online")


def _is_one_of(value: object, *expected: object) -> bool | None:
    return None if value is None else value in expected
