"""The store targets within Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.messages.store_target import StoreTargetKind
from .connection.driver_errors import answered

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from ...domain.lease import Partition
    from ...domain.messages.store_target import StoreTarget
    from .keys import KeySpace


class RedisStoreTargets:
    """Keys by their own names; on a cluster with the hash tag of the partition, or no script could reach them."""

    def __init__(self, redis: Redis, keys: KeySpace, *, tagged: bool) -> None:
        self._redis = redis
        self._keys = keys
        self._tagged = tagged

    def key_of(self, place: StoreTarget, partition: Partition) -> str:
        """Returns the name, with `{NAMESPACE:PARTITION}:` before it on a cluster."""
        return f"{self._keys[partition].tag}:{place.name}" if self._tagged else place.name

    async def fault_of(self, place: StoreTarget, partition: Partition) -> str | None:
        """Looks at the key's type. Anybody may subscribe, so a channel is always fit."""
        if place.kind is StoreTargetKind.PUBSUB:
            return None
        async with answered():
            held = str(await self._redis.type(self.key_of(place, partition)), "ascii")  # type: ignore[arg-type]  # bytes they are
        return None if held in ("none", place.kind) else f"the key holds a {held}, not a {place.kind}"
