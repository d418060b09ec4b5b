"""What a Redis or Valkey server says of itself."""

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
"""Questions for the time: each answer says by how much the clocks differ at least, and the quickest says most."""

_SETTINGS = ("maxmemory-policy", "appendonly", "appendfsync", "save")


class RedisStoreExaminer:
    """Asks by `CONFIG GET`, and where that is refused, as managed stores do, reads what `INFO` says."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        """Compares the server's clock with this one, which should be the machine's own."""
        self._redis = redis
        self._clock = clock

    async def examine(self) -> StoreFacts:
        """Returns what the server says now."""
        async with answered():
            info, settings = await self._info(), await self._settings()
            ahead = max([await self._ahead() for _ in range(SAMPLES)], key=abs)
        return StoreFacts(
            product=_product(info),
            version=_version(info),
            primary=_told(info.get("role"), "master"),
            replicas=_replicas(info),
            eviction=settings.get("maxmemory-policy", info.get("maxmemory_policy")),
            appending=_told(settings.get("appendonly", info.get("aof_enabled")), "yes", 1),
            syncing=settings.get("appendfsync"),
            snapshots=None if "save" not in settings else settings["save"] != "",
            clock_ahead=ahead,
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

    async def _ahead(self) -> timedelta:
        """Returns by how much the server's clock is ahead at least, whenever it was looked at in between."""
        asked_at = self._clock.now() - EPOCH
        seconds, microseconds = await self._redis.time()
        answered_at = self._clock.now() - EPOCH
        shown = timedelta(seconds=seconds, microseconds=microseconds)
        if shown < asked_at:
            return shown - asked_at
        return max(shown - answered_at, timedelta(0))


def _product(info: Mapping[str, Any]) -> str:
    return str(info.get("server_name", "redis")).capitalize()


def _version(info: Mapping[str, Any]) -> tuple[int, ...] | None:
    # Valkey calls itself Redis 7.2 as well, for those who ask only for that.
    text = str(info.get("valkey_version", info.get("redis_version", "")))
    numbers = tuple(int(part) for part in text.split(".") if part.isdigit())
    return numbers or None


def _replicas(info: Mapping[str, Any]) -> int | None:
    """Counts those that have caught up: the others acknowledge nothing yet."""
    if "connected_slaves" not in info:
        return None
    replicas = (info.get(f"slave{number}") for number in range(int(info["connected_slaves"])))
    return sum(1 for replica in replicas if isinstance(replica, dict) and replica.get("state") == "online")


def _told(value: object, *yes: object) -> bool | None:
    return None if value is None else value in yes
