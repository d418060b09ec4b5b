"""Store targets in Redis."""

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
    """Keys that are named by the targets.

    On a cluster, a key has the hash tag of the partition: a script reaches only keys of the same slot.
    """

    def __init__(self, redis: Redis, keys: KeySpace, *, tagged: bool) -> None:
        self._redis = redis
        self._keys = keys
        self._tagged = tagged

    def key_of(self, target: StoreTarget, partition: Partition) -> str:
        """Returns the name of the target; on a cluster, `{NAMESPACE:PARTITION}:` is before it."""
        return f"{self._keys[partition].tag}:{target.name}" if self._tagged else target.name

    async def error_of(self, target: StoreTarget, partition: Partition) -> str | None:
        """Checks the type of the key. A channel has no key, so messages can always be published there."""
        if target.kind is StoreTargetKind.PUBSUB:
            return None
        async with answered():
            kind = str(await self._redis.type(self.key_of(target, partition)), "ascii")  # type: ignore[arg-type]  # it is bytes
        return None if kind in ("none", target.kind) else f"the key holds a {kind}, not a {target.kind}"
